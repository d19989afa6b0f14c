import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { ask } from '../walk/house.ts';
import { eventually, openWorkerHouse } from './worker-house.ts';

describe('workers whose supervisor is killed', { timeout: 60_000 }, () => {
  it('take no more connections and end, so that another Postern can have the port', async () => {
    await using house = await openWorkerHouse('routes: []');
    await house.complete();
    const rows = await house.workers();
    // A terminal, and a service that stops, send their signals to every process: the workers wait for what their supervisor says.
    for (const { pid } of rows) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    assert.equal((await ask(house, 'https://app.postern.test/')).status, 404);
    // Closed when the last process has that has its output.
    const closed = once(house.child, 'close');
    house.child.kill('SIGKILL');
    await closed;
    await eventually(() => (rows.every(({ pid }) => !isAlive(pid)) ? true : undefined));
    assert.deepEqual(
      house.log.slice(-2).map(({ level, msg }) => [level, msg]),
      [
        ['error', 'The supervisor is gone: this worker stops'],
        ['error', 'The supervisor is gone: this worker stops'],
      ],
    );
    await using next = await openWorkerHouse('routes: []', { port: house.port, pki: house.pki });
    assert.equal((await ask(next, 'https://app.postern.test/')).status, 404);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
