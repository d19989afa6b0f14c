import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
let base = '';
let root = '';

before(() => {
  base = mkdtempSync(join(tmpdir(), 'postern-build-'));
  // What lies above an installation is somebody else's.
  writeFileSync(join(base, 'package.json'), '{ "version": "99.0.0" }');
  root = join(base, 'postern');
  for (const name of ['src', 'bin', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(repository, name), join(root, name), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: root, encoding: 'utf8' });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  rmSync(join(root, 'src'), { recursive: true });
});

after(() => {
  rmSync(base, { recursive: true });
});

describe('npm run build', () => {
  it('makes a program of a few files, which needs none of the sources', () => {
    const files = globSync('**/*.js', { cwd: join(root, 'dist') });
    assert.ok(files.length < 60, `${files.length} files`);
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/postern', 'version'], { cwd: root, encoding: 'utf8' });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `postern ${version}\n`, stderr: '' });
    const checked = spawnSync(process.execPath, ['bin/postern', 'check'], {
      cwd: root,
      encoding: 'utf8',
      env: { INSECURE_SERVER: 'true' },
    });
    assert.match(checked.stdout + checked.stderr, /No routes are configured/);
  });

  it('puts no package into it: those of node_modules are what runs', () => {
    const texts = globSync('**/*.js', { cwd: join(root, 'dist') }).map((file) => readFileSync(join(root, 'dist', file), 'utf8'));
    assert.ok(texts.every((text) => !text.includes('node_modules/')));
    assert.ok(texts.some((text) => text.includes('from "pino"')));
    assert.ok(statSync(join(root, 'dist/main.js')).size < 100_000);
  });
});
