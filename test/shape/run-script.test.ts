import assert from 'node:assert/strict';
import type { SpawnSyncReturns } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const lock = {
  packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/other-platform': { version: '1.0.0', optional: true } },
};

let root = '';

function write(file: string, content: unknown): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
}

function install(packages: unknown): void {
  write('node_modules/.package-lock.json', { packages });
  write('node_modules/a/package.json', {});
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'));
}

function runIt(...nodeOptions: readonly string[]): SpawnSyncReturns<string> {
  const args = [...nodeOptions, 'scripts/run.mjs', 'program.mjs', 'one', '--two'];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...process.env, npm_execpath: join(root, 'npm.cjs') } });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-run-'));
  mkdirSync(join(root, 'scripts'));
  cpSync(join(repository, 'scripts/run.mjs'), join(root, 'scripts/run.mjs'));
  write('package-lock.json', lock);
  write('program.mjs', 'process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
  write('old.cjs', "Object.defineProperty(process, 'version', { value: 'v20.1.0' });");
  // Stands for npm: says how it was called, and fails when there is a file that tells it to.
  write(
    'npm.cjs',
    "const fs = require('fs'); console.log('npm', process.argv[2]); if (fs.existsSync('npm-fails')) process.exit(1);" +
      "fs.mkdirSync('node_modules/node/bin', { recursive: true }); if (!fs.existsSync('ignores-scripts')) fs.symlinkSync(process.execPath, 'node_modules/node/bin/node');",
  );
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('scripts/run.mjs', () => {
  it('runs the program with its arguments, and keeps its exit code and its output', () => {
    install({ 'node_modules/a': { version: '1.0.0' } });
    const { status, stdout, stderr } = runIt();
    assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: '["one","--two"]', stderr: '' });
  });

  it('installs first what is missing, and says so on standard error only', () => {
    const { status, stdout, stderr } = runIt();
    assert.deepEqual({ status, stdout }, { status: 7, stdout: '["one","--two"]' });
    assert.match(stderr, /^Installing dependencies with npm ci \(dependencies are not installed yet\).*\nnpm ci\n$/);
  });

  it('installs again when a package is gone or of another version', () => {
    install({ 'node_modules/a': { version: '0.9.0' } });
    rmSync(join(root, 'node_modules/node'), { recursive: true });
    assert.match(runIt().stderr, /npm ci \(node_modules\/a is out of date\)/);
    rmSync(join(root, 'node_modules'), { recursive: true });
    install({ 'node_modules/a': { version: '1.0.0' } });
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    rmSync(join(root, 'node_modules/node'), { recursive: true });
    assert.match(runIt().stderr, /npm ci \(node_modules\/a is missing\)/);
  });

  it('stops when npm fails', () => {
    write('npm-fails', '');
    const { status, stdout, stderr } = runIt();
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
    assert.match(stderr, /npm ci did not succeed/);
  });

  it('says what to do when an old Node is all there is', () => {
    write('ignores-scripts', '');
    const { status, stdout, stderr } = runIt('--require', './old.cjs');
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
    assert.match(stderr, /Node\.js 24 or newer is needed, this is v20\.1\.0, .*without --ignore-scripts/);
  });

  it('uses the Node that runs when it is new enough and the own one is absent', () => {
    write('ignores-scripts', '');
    assert.equal(runIt().status, 7);
  });

  it('passes signals on and tells by its exit code that one ended the program', async () => {
    install({ 'node_modules/a': { version: '1.0.0' } });
    write(
      'program.mjs',
      "process.once('SIGTERM', () => { console.log('got it'); process.kill(process.pid, 'SIGTERM'); }); setInterval(() => {}, 1000); console.log('ready');",
    );
    const child = spawn(process.execPath, ['scripts/run.mjs', 'program.mjs'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (chunk.includes('ready')) child.kill('SIGTERM');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.deepEqual([code, output], [143, 'ready\ngot it\n']);
  });
});
