import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import type { RawOptions } from './raw-client.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askForged, askTwo, connectTwo } from './raw-http2.ts';
import { fieldsAt } from './request-head.ts';
import { spoofableNames } from './spoofed-names.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * A client says who it is: nothing of it reaches an upstream, on any route, in any protocol, in any spelling, and nothing where Postern
 * has nothing to say itself (Caddy CVE-2026-30851, Keycloak CVE-2024-10039).
 */
describe('spoofed identity headers', () => {
  let street: Street;
  let upstream: Recorder;
  let cookie: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: {X-Pomerium-Claim-Email: email, X-Pomerium-Claim-Groups: groups, X-Department: department}
routes:
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, allow_websockets: true}
  - {from: https://signed-in.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, allow_websockets: true}
  - {from: https://certificate.postern.test, to: ${upstream.url}, tls_downstream_client_ca_file: ca-a.pem, policy: {allow: {or: [accept: true]}}, allow_websockets: true}
`);
    cookie = await street.cookieAt('signed-in');
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const hosts = ['public', 'signed-in', 'certificate'] as const;
  const claimed = [...spoofableNames, 'x-department'];
  const everywhere = claimed.flatMap((name) => {
    const title = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    // This one is a credential as well: two of it are refused.
    const twice = name === 'x-pomerium-authorization' ? [] : [name.toUpperCase(), title, title];
    return [name, ...twice, name.replaceAll('-', '.'), name.replaceAll('-', '~'), name.replace('-', '.')];
  });
  // Beside a session a credential that is none makes the request nobody's, see the end.
  const spoofsAt = (host: (typeof hosts)[number]): readonly string[] =>
    host === 'signed-in' ? everywhere.filter((name) => name !== 'x-pomerium-authorization') : everywhere;
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];

  function options(host: (typeof hosts)[number]): RawOptions {
    const sni = `${host}.postern.test`;
    return host === 'certificate' ? { sni, client: street.house.pki.alice } : { sni };
  }

  function lines(host: (typeof hosts)[number], more: readonly string[]): readonly string[] {
    const own = host === 'signed-in' ? [`Cookie: ${cookie}`] : [];
    return ['GET /page HTTP/1.1', `Host: ${street.authority(host)}`, ...own, ...more];
  }

  for (const host of hosts) {
    it(`go no further than Postern on the ${host} route, over HTTP/1.1`, async () => {
      const answer = await askRaw(
        street.house,
        requestText(
          lines(
            host,
            spoofsAt(host).map((name) => `${name}: spoofed`),
          ),
        ),
        options(host),
      );
      assert.equal(answer?.status, 200);
      assertOnlyOurs(host);
    });

    it(`go no further than Postern on the ${host} route, in an upgrade`, async () => {
      const answer = await askRaw(
        street.house,
        requestText(lines(host, [...upgrade, ...spoofsAt(host).map((name) => `${name}: spoofed`)])),
        options(host),
      );
      assert.equal(answer?.status, 200, 'the recorder refuses the upgrade with a page');
      assertOnlyOurs(host);
      assert.match(upstream.bytes(), /^Upgrade: websocket\r$/im);
    });

    it(`go no further than Postern on the ${host} route, over HTTP/2`, async () => {
      const session = await connectTwo(street.house, options(host));
      const own: [string, string][] = host === 'signed-in' ? [['cookie', cookie]] : [];
      const names = spoofsAt(host)
        .filter((name) => name === name.toLowerCase())
        .flatMap((name) => (name === 'x-pomerium-authorization' ? [name] : [name, name]));
      const fields = names.map((name): [string, string] => [name, 'spoofed']);
      const answer = await askTwo(session, [...target(host), ...own, ...fields]);
      session.destroy();
      assert.equal(answer.status, 200);
      assertOnlyOurs(host);
    });

    it(`are refused with an underscore on the ${host} route, in every protocol`, async () => {
      const session = await connectTwo(street.house, options(host));
      for (const name of claimed.filter((each) => each.includes('-'))) {
        for (const spelling of [name.replaceAll('-', '_'), name.replace('-', '_')]) {
          assert.equal((await askTwo(session, [...target(host), [spelling, 'spoofed']])).status, 400, spelling);
        }
      }
      session.destroy();
      for (const name of ['X_Pomerium_Claim_Email', 'X-Pomerium_Jwt-Assertion', 'X_SSL_CLIENT_VERIFY', 'X_Department']) {
        const plain = await askRaw(street.house, requestText(lines(host, [`${name}: spoofed`])), options(host));
        const socket = await askRaw(street.house, requestText(lines(host, [...upgrade, `${name}: spoofed`])), options(host));
        assert.deepEqual([plain?.status, socket?.status], [400, 400], name);
      }
      assert.equal(upstream.bytes(), '');
    });
  }

  it('are refused where HTTP/2 has no such name, or dropped', async () => {
    for (const name of ['X-Pomerium-Claim-Email', 'x-pomerium-claim-EMAIL', ':x-pomerium-claim-email']) {
      const outcome = await askForged(street.house, [...target('public'), [name, 'spoofed']]);
      assert.ok(outcome === 'reset' || outcome === 'closed' || outcome === 400, `${name}: ${outcome}`);
    }
    assert.equal(upstream.bytes(), '');
    for (const name of ['x-pomerium-claim-email ', 'x-pomerium-claim-email\0', 'x-a: b\r\nx-pomerium-claim-email']) {
      await askForged(street.house, [...target('public'), [name, 'spoofed']]);
      assert.doesNotMatch(upstream.bytes(), /spoofed|claim/, JSON.stringify(name));
    }
  });

  it('are not taken out of trailers', async () => {
    const head = [
      'POST /page HTTP/1.1',
      `Host: ${street.authority('public')}`,
      'Transfer-Encoding: chunked',
      'Trailer: X-Pomerium-Claim-Email',
    ];
    const trailers = ['X-Pomerium-Claim-Email: spoofed', 'x.pomerium.jwt.assertion: spoofed', 'X_Department: spoofed', 'Host: spoofed'];
    const answer = await askRaw(street.house, requestText(head, `1\r\na\r\n0\r\n${trailers.join('\r\n')}\r\n\r\n`));
    assert.equal(answer?.status, 200);
    assert.doesNotMatch(upstream.bytes(), /spoofed/i);
  });

  it('make nobody of a person when one of them is a credential that is none', async () => {
    const answer = await askRaw(street.house, requestText(lines('signed-in', ['X-Pomerium-Authorization: spoofed'])), options('signed-in'));
    assert.deepEqual([answer?.status, upstream.bytes()], [401, '']);
  });

  it('say nothing for a claim that the person does not have', async () => {
    const answer = await askRaw(
      street.house,
      requestText(lines('signed-in', ['X-Department: spoofed', 'x.department: spoofed'])),
      options('signed-in'),
    );
    assert.equal(answer?.status, 200);
    assert.deepEqual(
      fieldsAt(upstream).filter(([name]) => name === 'x-department'),
      [['x-department', '']],
    );
  });

  /** Nothing of the client's arrived, what Postern says arrived once, and a server that sees `-`, `_` and `.` alike sees no second one. */
  function assertOnlyOurs(host: string): void {
    assert.match(upstream.bytes(), /^GET \/page HTTP\/1\.1\r\n/);
    assert.doesNotMatch(upstream.bytes(), /spoofed/);
    const seen = fieldsAt(upstream).filter(([name]) => /pomerium|department/.test(name.replaceAll(/[^a-z0-9]/g, '')));
    const assertion = seen.find(([name]) => name === 'x-pomerium-jwt-assertion')?.[1] ?? '';
    const ours = [
      ['x-pomerium-jwt-assertion', assertion],
      ['x-pomerium-claim-email', 'alice@example.com'],
      ['x-pomerium-claim-groups', 'admins,staff'],
      ['x-department', ''],
    ];
    assert.deepEqual(seen.map(String).toSorted(), host === 'signed-in' ? ours.map(String).toSorted() : []);
    if (host === 'signed-in') assert.match(assertion, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  }

  function target(host: string): [string, string][] {
    return [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', street.authority(host)],
      [':path', '/page'],
    ];
  }
});
