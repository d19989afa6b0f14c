import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** A cookie that can't be read is no session: nobody is let through by it (CVE-2026-25748), and nothing breaks over it. */
describe('a session cookie that is garbage', () => {
  let street: Street;
  let upstream: Recorder;
  let value: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, allow_websockets: true}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`);
    value = /_pomerium=([^;]+)/.exec(await street.cookieAt('app'))?.[1] ?? '';
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** Each made from a genuine value. */
  const garbage: readonly (readonly [what: string, cookie: (genuine: string) => string])[] = [
    ['nothing', () => '_pomerium='],
    ['no equals sign', () => '_pomerium'],
    ['only separators', () => ';;=;==; ;'],
    ['no base64', () => '_pomerium=!!!!'],
    ['another alphabet of base64', (genuine) => `_pomerium=${genuine.replaceAll('-', '+').replaceAll('_', '/')}+/`],
    ['the first half', (genuine) => `_pomerium=${genuine.slice(0, genuine.length / 2)}`],
    ['the second half', (genuine) => `_pomerium=${genuine.slice(genuine.length / 2)}`],
    ['one character more', (genuine) => `_pomerium=${genuine}A`],
    ['one character less', (genuine) => `_pomerium=${genuine.slice(0, -2)}`],
    ['twice itself', (genuine) => `_pomerium=${genuine}${genuine}`],
    ['in reverse', (genuine) => `_pomerium=${genuine.split('').toReversed().join('')}`],
    ['in upper case', (genuine) => `_pomerium=${genuine.toUpperCase()}`],
    ['in quotes', (genuine) => `_pomerium="${genuine}"`],
    ['in another case of the name', (genuine) => `_Pomerium=${genuine}`],
    ['under a name with a space', (genuine) => `_pomerium =${genuine}`],
    ['as a list', (genuine) => `_pomerium[]=${genuine}`],
    ['as a value of another', (genuine) => `x=_pomerium=${genuine}`],
    ['after a comma', (genuine) => `x=y, _pomerium=${genuine}`],
    ['in percent encoding', (genuine) => `_pomerium=%${genuine}`],
    ['JSON', () => '_pomerium={"user":"alice","expiresAt":9999999999999}'],
    ['a token that is not signed', () => '_pomerium=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.'],
    ['an object of JavaScript', () => '_pomerium=__proto__'],
    ['zeros', () => `_pomerium=${'A'.repeat(200)}`],
    ['bytes outside ASCII', () => '_pomerium=\xff\xfe\xe4'],
    ['ten kilobytes', () => `_pomerium=${'A'.repeat(10_240)}`],
    ['a hundred times', () => Array.from({ length: 100 }, (_, index) => `_pomerium=garbage${index}`).join('; ')],
    ['a name of a sibling', (genuine) => `_pomerium_authenticate=${genuine}; _pomerium_browser=${genuine}; _pomerium_restart=${genuine}`],
  ];

  for (const [what, cookie] of garbage) {
    it(`is nobody: ${what}`, async () => {
      const line = `Cookie: ${cookie(value)}`;
      assert.deepEqual([await ask('app', [line, 'Accept: text/html']), await ask('app', [line, 'Accept: application/json'])], [302, 401]);
      const socket = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ];
      assert.equal(await ask('app', [line, ...socket]), 401);
      assert.equal(upstream.bytes(), '');
      assert.equal(await ask('public', [line]), 200);
      assert.deepEqual(
        fieldsAt(upstream).filter(([name]) => name.startsWith('x-pomerium')),
        [],
      );
      const own = await ask('app', [line, 'Accept: text/html'], '/.pomerium/');
      assert.equal(own, 200, 'the page that says who is signed in');
    });
  }

  it('is nobody when one bit of it is another', async () => {
    const bits = Buffer.from(value, 'base64url');
    for (const at of [0, 1, 12, 20, bits.length - 17, bits.length - 1]) {
      const altered = Buffer.from(bits);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      assert.equal(await ask('app', [`Cookie: _pomerium=${altered.toString('base64url')}`, 'Accept: text/html']), 302, `byte ${at}`);
    }
    assert.equal(upstream.bytes(), '');
    assert.equal(await ask('app', [`Cookie: _pomerium=${value}`]), 200, 'while the genuine one is somebody');
  });

  it('is nobody after the session ended, at every host and for every copy', async () => {
    assert.equal(await ask('app', [`Cookie: _pomerium=${value}`], '/.pomerium/sign_out'), 302);
    assert.equal(await ask('app', [`Cookie: _pomerium=${value}`, 'Accept: text/html']), 302);
    assert.equal(await ask('app', [`Cookie: _pomerium=${value}`], '/.pomerium/user'), 302);
    assert.equal(upstream.bytes(), '');
  });

  async function ask(host: string, lines: readonly string[], path = '/page'): Promise<number | undefined> {
    const request = requestText([`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`, ...lines]);
    return (await askRaw(street.house, request, { sni: `${host}.postern.test` }))?.status;
  }
});
