import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { readWithFiles } from '../../src/read-with-files.ts';
import { openChannel } from '../../src/workers/channel.ts';
import { areFree, freePort } from '../free-ports.ts';
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

  it('end too where they listen already and could not say that they are ready', async () => {
    const [directory, port] = await Promise.all([mkdtemp(join(tmpdir(), 'postern-gone-')), freePort()]);
    const file = join(directory, 'config.yaml');
    await writeFile(file, 'insecure_server: true\nroutes: []\n');
    const { files } = readWithFiles({ file, environment: undefined });
    const child = fork(join(import.meta.dirname, '../../bin/postern'), ['worker', '--config', file], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let listened: boolean | undefined;
    openChannel(child, {
      order: () => ({ number: 1, count: 2, files, ticketSeed: Buffer.alloc(32), shared: undefined }),
      doors: () => ({ addresses: [{ host: '127.0.0.1', port }], redirectAddress: undefined }),
      async ready() {
        listened = !(await areFree(port, 1));
        child.disconnect();
      },
    });
    const [[status], said] = await Promise.all([once(child, 'exit'), text(child.stdout ?? Readable.from([]))]);
    assert.deepEqual([listened, status, await areFree(port, 1)], [true, 1, true]);
    assert.match(said, /"The supervisor is gone: this worker stops"/);
    await rm(directory, { recursive: true });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
