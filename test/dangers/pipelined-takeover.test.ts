import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import { whenNothingIsOpen } from './open-streams.ts';
import { connectRaw, requestText } from './raw-client.ts';
import type { WaitingUpstream } from './waiting-upstream.ts';
import { openWaiting } from './waiting-upstream.ts';

/**
 * An upgrade and a CONNECT take the socket away from the HTTP parser. Behind answers that were still on their way this threw
 * where nobody caught it, or made the answers in the queue be forgotten: two requests of a stranger ended the process.
 */
describe('a request that takes over the socket', () => {
  let house: House;
  let upstream: WaitingUpstream;
  let metricsPort: number;
  const host = 'Host: public.postern.test';
  const nowhere = requestText(['GET /first HTTP/1.1', 'Host: nowhere.test']);
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  const connect = requestText(['CONNECT public.postern.test:443 HTTP/1.1', host]);
  const alive = requestText(['GET /ping HTTP/1.1', host]);

  before(async () => {
    upstream = await openWaiting();
    metricsPort = await freePort();
    house = await openHouse({
      config: `
metrics_address: 127.0.0.1:${metricsPort}
routes: [{from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true, allow_websockets: true}]
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  // Each in one write, so that the first answer is written and not sent when the second request is read.
  for (const [what, second] of [
    ['an upgrade to an own page', requestText(['GET /.pomerium/ HTTP/1.1', host, ...upgrade])],
    ['an upgrade to a route', requestText(['GET /socket HTTP/1.1', host, ...upgrade])],
    ['an upgrade to nowhere', requestText(['GET /socket HTTP/1.1', 'Host: nowhere.test', ...upgrade])],
    ['a CONNECT', connect],
    ['a CONNECT with a body', requestText(['CONNECT public.postern.test:443 HTTP/1.1', host, 'Content-Length: 5'])],
  ] as const) {
    it(`as ${what} ends nothing but its connection behind an answer that is on its way`, async () => {
      using connection = await connectRaw(house);
      connection.write(nowhere + second);
      assert.equal((await connection.answer())?.status, 404);
      assert.equal(await connection.answer(), undefined);
      assert.deepEqual(upstream.targets(), []);
      await whenNothingIsOpen(metricsPort);
    });
  }

  it('lets go of the answers that were queued before it', async () => {
    using connection = await connectRaw(house);
    connection.write(requestText(['GET /waits HTTP/1.1', host]) + nowhere + alive + connect);
    assert.equal(await connection.answer(), undefined);
    await whenNothingIsOpen(metricsPort);
    upstream.clear();
  });

  it('is served on a connection whose answers were all read', async () => {
    using connection = await connectRaw(house);
    connection.write(nowhere);
    assert.equal((await connection.answer())?.status, 404);
    connection.write(requestText(['GET /.pomerium/ HTTP/1.1', host, ...upgrade]));
    assert.equal((await connection.answer())?.status, 200);
  });

  it('is logged when it is a CONNECT', async () => {
    using connection = await connectRaw(house);
    connection.write(connect);
    assert.equal((await connection.answer())?.status, 400);
    const line = await house.logLine((each) => each['method'] === 'CONNECT');
    assert.deepEqual([line['status'], line['decision'], line['reasons']], [400, 'bad-request', ['target-invalid']]);
  });
});
