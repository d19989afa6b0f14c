import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { connect as connectOver } from 'node:tls';
import { makeGroups, makePki, startListener } from './start-listener.ts';

describe('a connection that is closed to make room in the middle of its handshake', () => {
  it('leaves no descriptor behind', { timeout: 10_000 }, async () => {
    await using server = await startListener({
      groups: makeGroups(await makePki(), [['plain.test', 'none']]),
      limits: { maxUnfinished: 1, unfinishedGraceMs: 0 },
    });
    const mine: Socket[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const carrier = connect(server.port, '127.0.0.1');
      mine.push(carrier.on('error', () => carrier.destroy()));
      // Writes its ClientHello and hears nothing of the answer, so that it never goes on.
      const mute = new Duplex({ read() {}, write: (chunk: Buffer, _encoding, done) => void carrier.write(chunk, () => done()) });
      const half = connectOver({ socket: mute, servername: 'plain.test' });
      half.on('error', () => half.destroy());
      await once(carrier, 'readable');
      const next = connect(server.port, '127.0.0.1');
      mine.push(next.on('error', () => next.destroy()));
      await until(() => server.refused.length === turn + 1);
      half.destroy();
      carrier.destroy();
      next.destroy();
      await until(() => server.outcomes.length === 2 * turn + 2);
    }
    for (const socket of mine) socket.destroy();
    await server.listener.close();
    // Node's own list: a server that is closed has forgotten a socket whose descriptor is still open.
    await until(() => process.getActiveResourcesInfo().every((kind) => kind !== 'TCPSocketWrap'));
    assert.deepEqual(server.refused, Array(5).fill('handshakes 127.0.0.1'));
  });
});

describe('connections that are closed while they wait for their turn', () => {
  it('are each reported once, and whoever is left is served', { timeout: 10_000 }, async () => {
    await using server = await startListener({
      groups: makeGroups(await makePki(), [['plain.test', 'none']]),
      limits: { maxUnfinished: 3, unfinishedGraceMs: 0 },
    });
    const clients = Array.from({ length: 20 }, () =>
      connectOver({ port: server.port, servername: 'plain.test', rejectUnauthorized: false }),
    );
    for (const client of clients) client.on('error', () => client.destroy());
    await until(() => server.outcomes.length === 20);
    for (const client of clients) client.destroy();
    await server.listener.close();
    const results = server.outcomes.map(({ result }) => result);
    assert.equal(server.outcomes.length, 20);
    assert.equal(results.filter((result) => result === 'ok').length, 20 - server.refused.length);
    assert.ok(results.includes('ok'));
    assert.deepEqual(server.faults, []);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
