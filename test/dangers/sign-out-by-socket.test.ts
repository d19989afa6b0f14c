import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask } from '../walk/house.ts';
import { openRecorder } from '../walk/recorder.ts';
import type { Recorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** Any page may open a WebSocket to any site, cookies are sent along, and not every browser says where it comes from (Sec-Fetch-Site). */
describe('a WebSocket to the sign-out page', () => {
  let street: Street;
  let recorder: Recorder;

  before(async () => {
    recorder = await openRecorder();
    street = await openStreet(`routes: [{from: https://app.postern.test, to: '${recorder.url}', allow_any_authenticated_user: true}]`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
  });

  it('signs nobody out', async () => {
    const cookie = await street.cookieAt('app');
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const origin = 'Origin: https://evil.example';
    const request = ['GET /.pomerium/sign_out HTTP/1.1', `Host: ${street.authority('app')}`, `Cookie: ${cookie}`, origin, ...upgrade];
    const answer = await askRaw(street.house, requestText(request), { sni: 'app.postern.test' });
    assert.equal(answer?.status, 200);
    assert.doesNotMatch(answer.head, /set-cookie/i);
    const { status } = await ask(street.house, street.url('app', '/.pomerium/user'), { headers: { cookie } });
    assert.equal(status, 200);
  });
});
