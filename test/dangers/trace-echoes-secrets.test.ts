import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

/** TRACE makes an upstream echo the request it got, with every header that was added on the way (RFC 9110 section 9.3.8). */
describe('a TRACE request', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const route = `from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true`;
    house = await openHouse({ config: `routes: [{${route}, set_request_headers: {X-Api-Key: secret}}]` });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('is refused over HTTP/1.1, and no byte of it reaches the upstream', async () => {
    const answer = await askRaw(house, requestText(['TRACE /page HTTP/1.1', 'Host: public.postern.test']), { sni: 'public.postern.test' });
    assert.deepEqual([answer?.status, upstream.bytes()], [405, '']);
  });

  for (const method of ['TRACE', 'trace'])
    it(`is refused over HTTP/2 as ${method}, and no byte of it reaches the upstream`, async () => {
      const session = await connectTwo(house, { sni: 'public.postern.test' });
      const answer = await askTwo(session, [
        [':method', method],
        [':scheme', 'https'],
        [':authority', 'public.postern.test'],
        [':path', '/page'],
      ]);
      session.close();
      assert.deepEqual([answer.status, upstream.bytes()], [405, '']);
    });
});
