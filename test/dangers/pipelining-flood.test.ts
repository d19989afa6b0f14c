import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { connectRaw, requestText } from './raw-client.ts';
import type { WaitingUpstream } from './waiting-upstream.ts';
import { openWaiting } from './waiting-upstream.ts';

/** Fifty bytes make a request and a request may make a connection to an upstream: one client could use up every file descriptor. */
describe('many requests on one connection, without waiting for an answer', () => {
  let house: House;
  let upstream: WaitingUpstream;
  const waits = requestText(['GET /waits HTTP/1.1', 'Host: public.postern.test']);
  const nowhere = requestText(['GET / HTTP/1.1', 'Host: nowhere.test', 'Accept: text/plain']);

  before(async () => {
    upstream = await openWaiting();
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}]`,
      limits: { concurrentStreams: 20 },
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('are cut off at as many as HTTP/2 would allow', async () => {
    using connection = await connectRaw(house);
    connection.write(waits.repeat(1000));
    assert.equal(await connection.answer(), undefined);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(upstream.targets().length <= 20, `${upstream.targets().length} requests reached the upstream`);
  });

  it('are all answered when the answers need no upstream', async () => {
    using connection = await connectRaw(house);
    connection.write(nowhere.repeat(500));
    for (let answered = 0; answered < 500; answered += 1) assert.equal((await connection.answer())?.status, 404);
  });
});
