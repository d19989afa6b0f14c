import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from '../walk/house.ts';
import { openEcho } from '../walk/recorder.ts';
import { closed } from './closed.ts';

const timely = { timeout: 20_000 };

/** Half-open, silent, or idle: connections that ask for nothing take the place of those that do. */
describe('a flood of connections', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let metricsPort: number;
  const flood: Socket[] = [];

  before(async () => {
    echo = await openEcho();
    metricsPort = await freePort();
    house = await openHouse({
      config: `
metrics_address: 127.0.0.1:${metricsPort}
max_connections: 300
max_connections_per_peer: 250
routes: [{from: https://public.postern.test, to: '${echo.url}', allow_public_unauthenticated_access: true}]`,
      // Whoever comes last is never the oldest: no wave is quick enough to push out the one who comes after it.
      limits: { maxUnfinished: 100, unfinishedGraceMs: 0 },
    });
  });

  after(async () => {
    for (const socket of flood) socket.destroy();
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  function open(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const socket = connect(house.port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      flood.push(socket);
    }
  }

  it('that never begin a handshake leaves room for those that do, all the time', timely, async () => {
    for (let wave = 0; wave < 6; wave += 1) {
      open(100);
      assert.equal((await ask(house, 'https://public.postern.test/')).status, 200);
    }
    while (flood.filter((socket) => !socket.closed).length > 100) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('is told in the log once and not once for each, and counted in the metrics', timely, async () => {
    const line = await house.logLine(({ reason }) => reason === 'handshakes');
    assert.deepEqual(
      [line['level'], line['msg'], line['remote_address']],
      ['warn', 'A connection was closed because there are too many', '127.0.0.1'],
    );
    assert.ok(house.log.filter(({ reason }) => reason === 'handshakes').length <= 2);
    const [response] = (await once(get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    const counted = /^postern_connections_refused_total\{reason="handshakes"\} (\d+)$/m.exec(await text(response))?.[1];
    assert.ok(Number(counted) >= 300, `${counted} were counted`);
  });

  it('over makes room again at once', timely, async () => {
    for (const socket of flood) socket.destroy();
    await Promise.all(flood.map((socket) => closed(socket)));
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(house, 'https://public.postern.test/')));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  });
});
