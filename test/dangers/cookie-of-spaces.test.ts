import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';

/** One header that takes ten seconds to look at keeps everybody waiting, and costs its sender nothing. */
describe('a cookie of spaces', () => {
  let house: House;
  let recorder: Recorder;

  before(async () => {
    recorder = await openRecorder();
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: '${recorder.url}', allow_public_unauthenticated_access: true}]`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
  });

  for (const blank of [' ', '\t']) {
    it(`is taken apart in one go, of ${JSON.stringify(blank)}`, async () => {
      recorder.clear();
      // Ours is among them, so that the others have to be put together anew.
      const cookie = `Cookie: _pomerium=x; a${blank.repeat(120_000)}b`;
      const began = performance.now();
      const answer = await askRaw(house, requestText(['GET / HTTP/1.1', 'Host: public.postern.test', cookie]));
      const took = performance.now() - began;
      assert.equal(answer?.status, 200);
      assert.ok(took < 2000, `it took ${Math.round(took)} ms`);
      assert.ok(recorder.bytes().includes(`Cookie: a${blank.repeat(120_000)}b\r\n`));
    });
  }
});
