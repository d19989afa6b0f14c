import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { openWaiting } from './waiting-upstream.ts';
import type { WaitingUpstream } from './waiting-upstream.ts';

/** What is sent behind a request that has no answer yet must neither overtake it nor be acted upon after the last answer. */
describe('a pipelined request', () => {
  let house: House;
  let upstream: WaitingUpstream;
  const host = 'Host: public.postern.test';
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

  before(async () => {
    upstream = await openWaiting();
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true, allow_websockets: true}]`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const [what, second] of [
    ['an upgrade', requestText(['GET /second HTTP/1.1', host, ...upgrade])],
    ['a CONNECT', requestText(['CONNECT public.postern.test:443 HTTP/1.1', host])],
  ] as const) {
    it(`that is ${what} does not answer in place of the one before it`, async () => {
      using connection = await connectRaw(house);
      connection.write(requestText(['GET /first HTTP/1.1', host]));
      await upstream.received('/first');
      connection.write(second);
      assert.equal(await connection.answer(), undefined);
      assert.deepEqual(upstream.targets(), ['/first']);
      upstream.clear();
    });
  }

  it('is not acted upon when the answer before it is the last one', async () => {
    using connection = await connectRaw(house);
    const refused = requestText(['POST /refused HTTP/1.1', host, host, 'Content-Length: 4'], 'body');
    connection.write(refused + requestText(['GET /second HTTP/1.1', host]));
    assert.equal((await connection.answer())?.status, 400);
    assert.equal(await connection.rest(), '');
    assert.deepEqual(upstream.targets(), []);
  });
});
