import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runStarved } from '../run-starved.ts';

const file = new URL('../../src/upstream/open-connection.ts', import.meta.url).href;

describe('connectionsTo()', () => {
  it('tells that the client could not be loaded while descriptors had run out, and loads it for the next one', () => {
    const program = `
      const { connectionsTo } = await import(${JSON.stringify(file)});
      hold();
      const open = connectionsTo({ kind: 'unix', socketPath: '/nobody/listens' }, 1000, false);
      const told = [];
      const opened = () => new Promise((resolve) => {
        let isReturned = false;
        open((error) => resolve([isReturned, error.message]));
        isReturned = true;
      });
      told.push(await opened());
      release();
      told.push(await opened());
      console.log(JSON.stringify(told));`;
    const { stdout, stderr } = runStarved(program);
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
