import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

interface Launched {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(variables: Readonly<Record<string, string>> = {}, command = 'check', ...nodeOptions: readonly string[]): Launched {
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined, CACHE_DIRECTORY: undefined, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, 'bin/postern', command], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

function serve(variables: Readonly<Record<string, string>>): string {
  return launch(variables, 'run').stdout;
}

/** The files below a cache directory. */
function kept(directory: string): readonly string[] {
  return globSync('**/*', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
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

  it('keeps what Node made of the program in a directory of its own, for the next start', () => {
    const cache = join(root, 'cache');
    mkdirSync(cache);
    assert.deepEqual([serve({ XDG_CACHE_HOME: cache }), kept(cache).length > 0], ['compiled run\n', true]);
    assert.equal(statSync(join(cache, 'postern/compiled')).mode & 0o777, 0o700);
    assert.equal(serve({ XDG_CACHE_HOME: cache }), 'compiled run\n');
  });

  it('keeps nothing for commands that only look, nor where others could put something in its place', () => {
    const [looking, open, ofOthers] = ['looking', 'open', 'of-others'].map((name) => join(root, name)) as [string, string, string];
    mkdirSync(looking);
    launch({ XDG_CACHE_HOME: looking });
    mkdirSync(open);
    chmodSync(open, 0o777);
    serve({ XDG_CACHE_HOME: open });
    mkdirSync(join(ofOthers, 'postern/compiled'), { recursive: true });
    chmodSync(join(ofOthers, 'postern/compiled'), 0o770);
    serve({ XDG_CACHE_HOME: ofOthers });
    assert.deepEqual([looking, open, ofOthers].map(kept), [[], [], []]);
  });

  it('starts all the same where there is no place to keep anything', () => {
    writeFileSync(join(root, 'file'), '');
    assert.equal(serve({ XDG_CACHE_HOME: join(root, 'file') }), 'compiled run\n');
    assert.equal(serve({ XDG_CACHE_HOME: '/proc/nowhere' }), 'compiled run\n');
  });

  it('says in one sentence that an old Node will not do', () => {
    assert.deepEqual(launch({}, 'check', '--require', './old.cjs'), {
      status: 1,
      stdout: '',
      stderr: 'postern needs Node.js 24 or newer and was started under v20.1.0: install a newer one from https://nodejs.org\n',
    });
  });
});
