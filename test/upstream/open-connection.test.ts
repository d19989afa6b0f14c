import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const file = new URL('../../src/upstream/open-connection.ts', import.meta.url).href;

describe('connectionsTo()', () => {
  it('tells that the client could not be loaded while descriptors had run out, and loads it for the next one', () => {
    const program = `
      import { closeSync, openSync } from 'node:fs';
      const { connectionsTo } = await import(${JSON.stringify(file)});
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      const open = connectionsTo({ kind: 'unix', socketPath: '/nobody/listens' }, 1000, false);
      const told = [];
      const opened = () => new Promise((resolve) => {
        let isReturned = false;
        open((error) => resolve([isReturned, error.message]));
        isReturned = true;
      });
      told.push(await opened());
      for (const fd of held) closeSync(fd);
      told.push(await opened());
      console.log(JSON.stringify(told));`;
    const shell = ['-c', 'ulimit -n 128; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', program];
    const { stdout, stderr } = spawnSync('/bin/sh', shell, { encoding: 'utf8', env: {} });
    assert.deepEqual(
      { stderr, told: JSON.parse(stdout) as unknown },
      {
        stderr: '',
        told: [
          [true, 'The HTTP client could not be loaded'],
          [true, 'connect ENOENT /nobody/listens'],
        ],
      },
    );
  });
});
