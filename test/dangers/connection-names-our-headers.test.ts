import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** What `Connection` names is taken out of a request (CVE-2024-45410): never what Postern says, and never what was judged. */
describe('a Connection field that names what is not the client’s to remove', () => {
  let street: Street;
  let upstream: Recorder;
  let cookie: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: [email]
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, allow_websockets: true}
`);
    cookie = await street.cookieAt('app');
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const sni = 'app.postern.test';
  const vectors: readonly (readonly string[])[] = [
    ['Connection: close, X-Pomerium-Jwt-Assertion, X-Pomerium-Claim-Email'],
    ['Connection: close', 'cOnNeCtIoN: x-POMERIUM-jwt-assertion', 'Connection:x-pomerium-claim-email'],
    ['Connection: ,, close ,X-Pomerium-Jwt-Assertion\t,x-pomerium-claim-email,'],
    ['Connection: x-pomerium-jwt-assertion', 'Connection: x-pomerium-claim-email', 'Connection: close'],
    ['Connection: close, cookie, authorization, host, content-length, content-type, origin, upgrade, transfer-encoding'],
    ['Connection: close, x-forwarded-for, x-forwarded-proto, x-forwarded-host, x-request-id, connection'],
    ['Proxy-Connection: x-pomerium-jwt-assertion, x-pomerium-claim-email', 'Connection: close'],
    ['Keep-Alive: x-pomerium-jwt-assertion', 'TE: trailers', 'Connection: close, te, keep-alive'],
  ];

  for (const vector of vectors) {
    it(`changes nothing: ${JSON.stringify(vector)}`, async () => {
      const own = [
        `Host: ${street.authority('app')}`,
        `Cookie: ${cookie}; theirs=1`,
        'Authorization: Basic eDp5',
        'Content-Type: text/plain',
        'Origin: https://app.postern.test',
      ];
      const answer = await askRaw(street.house, requestText(['POST /page HTTP/1.1', ...own, 'Content-Length: 4', ...vector], 'body'), {
        sni,
      });
      assert.equal(answer?.status, 200);
      assert.match(upstream.bytes(), /^POST \/page HTTP\/1\.1\r\n[^]*\r\n\r\nbody$/);
      assert.match(upstream.bytes(), /^Content-Type: text\/plain\r\n(?:.+\r\n)*Origin: https:\/\/app\.postern\.test\r$/m);
      assertWhole();
    });
  }

  it('takes away the client’s own, and of those no second one', async () => {
    const own = [`Host: ${street.authority('app')}`, `Cookie: ${cookie}`, 'X-Debug: 1', 'X-Other: 2'];
    await askRaw(street.house, requestText(['GET /page HTTP/1.1', ...own, 'Connection: close, X-Debug']), { sni });
    const names = fieldsAt(upstream).map(([name]) => name);
    assert.deepEqual([names.includes('x-debug'), names.includes('x-other')], [false, true]);
  });

  it('changes nothing in an upgrade', async () => {
    const named = 'x-pomerium-jwt-assertion, X-Pomerium-Claim-Email, host, authorization, cookie';
    const answer = await askUpgrade(`Connection: Upgrade, ${named}`);
    assert.equal(answer?.status, 200, 'the recorder refuses the upgrade with a page');
    assertWhole();
  });

  it('is no WebSocket handshake when it names its own fields away', async () => {
    const answer = await askUpgrade('Connection: Upgrade, Sec-WebSocket-Key, Sec-WebSocket-Version');
    assert.equal(answer?.status, 400);
    assert.equal(upstream.bytes(), '');
  });

  it('makes an HTTP/2 request malformed', async () => {
    const session = await connectTwo(street.house, { sni });
    const target: [string, string][] = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', street.authority('app')],
      [':path', '/page'],
    ];
    const answer = await askTwo(session, [...target, ['cookie', cookie], ['te', 'trailers, x-pomerium-jwt-assertion']]).catch(
      (error: Error) => error.message,
    );
    session.destroy();
    assert.ok(typeof answer === 'string' || answer.status === 400 || answer.status === undefined, JSON.stringify(answer));
    assert.equal(upstream.bytes(), '');
  });

  function askUpgrade(connection: string): ReturnType<typeof askRaw> {
    const handshake = [connection, 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
    const own = [`Host: ${street.authority('app')}`, `Cookie: ${cookie}; theirs=1`, 'Authorization: Basic eDp5'];
    return askRaw(street.house, requestText(['GET /socket HTTP/1.1', ...own, ...handshake]), { sni });
  }

  /** Postern's word once, the client's own judged fields kept, and a `Connection` of our making. */
  function assertWhole(): void {
    const fields = fieldsAt(upstream);
    const values = (wanted: string): readonly string[] => fields.filter(([name]) => name === wanted).map(([, value]) => value);
    assert.match(values('x-pomerium-jwt-assertion').join(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.deepEqual(values('x-pomerium-claim-email'), ['alice@example.com']);
    assert.deepEqual(values('host'), [new URL(upstream.url).host]);
    assert.deepEqual(values('cookie'), ['theirs=1']);
    assert.deepEqual(values('authorization'), ['Basic eDp5']);
    assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1']);
    assert.deepEqual(values('x-forwarded-proto'), ['https']);
    assert.deepEqual(values('x-forwarded-host'), [street.authority('app')]);
    assert.deepEqual(values('x-request-id').length, 1);
    assert.match(values('connection').join(), /^(?:close|keep-alive|Upgrade)$/i);
    assert.deepEqual([...values('te'), ...values('keep-alive'), ...values('proxy-connection')], []);
  }
});
