import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin', import.meta.url));
let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-bin-'));
  cpSync(bin, join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'dist/main.js'), "console.log('compiled', process.argv[2])");
  writeFileSync(
    join(root, 'old.cjs'),
    "Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } }); Object.defineProperty(process, 'version', { value: 'v20.1.0' });",
  );
});

after(() => {
  rmSync(root, { recursive: true });
});

function launch(...nodeOptions: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, 'bin/postern', 'check'], { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('bin/postern', () => {
  it('starts the compiled program', () => {
    assert.deepEqual(launch(), { status: 0, stdout: 'compiled check\n', stderr: '' });
  });

  it('starts the sources of a checkout, whatever was compiled before', () => {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src/main.ts'), "const word: string = 'source'; console.log(word, process.argv[2])");
    assert.deepEqual(launch(), { status: 0, stdout: 'source check\n', stderr: '' });
    rmSync(join(root, 'src'), { recursive: true });
  });

  it('says in one sentence that an old Node will not do', () => {
    assert.deepEqual(launch('--require', './old.cjs'), {
      status: 1,
      stdout: '',
      stderr: 'postern needs Node.js 24 or newer and was started under v20.1.0: install a newer one from https://nodejs.org\n',
    });
  });
});
