import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { connectRaw, requestText } from './raw-client.ts';

/** A request that crosses the end of its connection on the way can't be answered: acted upon, it would be done twice when it is sent again. */
describe('a request on a connection that Postern has ended', () => {
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

  it('does not reach an upstream', async () => {
    using connection = await connectRaw(house);
    connection.write(request('/first'));
    assert.equal((await connection.answer())?.status, 200);
    await house.logLine((line) => line['path'] === '/first');
    const stopped = house.server.stop(1000);
    connection.write(request('/crossing'));
    assert.equal(await connection.answer(), undefined);
    await stopped;
    assert.match(recorder.bytes(), /^DELETE \/first /);
    assert.doesNotMatch(recorder.bytes(), /crossing/);
  });
});

function request(target: string): string {
  return requestText([`DELETE ${target} HTTP/1.1`, 'Host: public.postern.test']);
}
