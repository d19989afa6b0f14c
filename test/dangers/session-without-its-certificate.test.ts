import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { RawOptions } from './raw-client.ts';
import { askRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const socket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];

/** A host that wants a certificate and a session: a stolen cookie alone is worth nothing there, and neither is the certificate. */
describe('a session in front of a host that wants a certificate as well', () => {
  let street: Street;
  let upstream: Recorder;
  let cookie: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://both.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-a.pem, allow_websockets: true}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`);
    const alice = new Visitor(street.house, street.provider);
    await alice.arrive(street.url('both'), { client: street.house.pki.alice });
    cookie = alice.jar.cookies(street.url('both'));
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function ask(lines: readonly string[], options: RawOptions) {
    const request = requestText(['GET /desk HTTP/1.1', `Host: ${street.authority('both')}`, ...lines]);
    const answer = await askRaw(street.house, request, { sni: 'both.postern.test', ...options });
    const { status, head = '' } = answer ?? {};
    return { status, cookies: /^set-cookie:/im.test(head), leads: /^location:/im.test(head), upstream: upstream.bytes() };
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const kind of [[], socket]) {
      const what = kind.length === 0 ? '' : ', in an upgrade';
      it(`opens nothing without the certificate, and is not lost over it (${version}${what})`, async () => {
        const { ofB, ofSameName, expired, alice } = street.house.pki;
        for (const client of [undefined, ofB, ofSameName, expired])
          assert.deepEqual(await ask([`Cookie: ${cookie}`, 'Accept: text/html', ...kind], { client, version }), {
            status: 495,
            cookies: false,
            leads: false,
            upstream: '',
          });
        assert.deepEqual(await ask([`Cookie: ${cookie}`, ...kind], { client: alice, version, sni: 'public.postern.test' }), {
          status: 421,
          cookies: false,
          leads: false,
          upstream: '',
        });
        assert.equal((await ask([`Cookie: ${cookie}`], { client: alice, version })).status, 200, 'its owner goes on');
      });

      it(`is not replaced by the certificate (${version}${what})`, async () => {
        const { alice: client } = street.house.pki;
        assert.equal((await ask(['Accept: application/json', ...kind], { client, version })).status, 401);
        assert.equal((await ask([`Cookie: ${cookie}x`, 'Accept: application/json', ...kind], { client, version })).status, 401);
        assert.equal(upstream.bytes(), '');
      });
    }
  }
});
