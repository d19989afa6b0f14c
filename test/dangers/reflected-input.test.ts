import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { RawAnswer, RawOptions } from './raw-client.ts';
import { askRaw, requestText } from './raw-client.ts';
import { signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const markup = '"\'><img/src=x/onerror=alert(1)>';
const encoded = encodeURIComponent(markup);
const injection = '%0d%0aX-Evil:%20yes%0d%0a%0d%0a<img/src=x>';
const kinds = ['text/html', 'application/json', 'text/plain', 'application/grpc', '*/*', markup];

/** What a visitor, a provider or a certificate says comes back as text or not at all. */
describe('input that comes back on a page', () => {
  let street: Street;
  let stranger: Issued;

  before(async () => {
    street = await openStreet(`
routes:
  - {name: ${JSON.stringify(markup)}, from: https://nobody.postern.test, to: http://127.0.0.1:9, policy: {deny: {or: [accept: true]}}}
  - {from: https://down.postern.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}
  - {from: https://app.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}
  - {from: https://certificate.postern.test, to: http://127.0.0.1:9, tls_downstream_client_ca_file: ca-a.pem, policy: {deny: {or: [accept: true]}}}
`);
    const day = 86_400_000;
    const times = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
    stranger = await issueClientCertificate(street.house.pki.caA, { commonName: markup, emails: ['x@example.com'], ...times });
  });

  after(() => street[Symbol.asyncDispose]());

  const requests: readonly (readonly [status: readonly number[], host: string, start: string, ...lines: string[]])[] = [
    [[403], 'nobody', `GET /${markup} HTTP/1.1`],
    [[403], 'nobody', `GET /?${markup} HTTP/1.1`],
    [[403], 'nobody', `GET /${encoded.replaceAll('%2F', '')} HTTP/1.1`, `Referer: ${markup}`, `User-Agent: ${markup}`, `Origin: ${markup}`],
    [[403], 'nobody', `GET / HTTP/1.1`, `X-Request-Id: ${markup}`, `X-Forwarded-For: ${markup}`, `Accept-Language: ${markup}`],
    [[403], 'nobody', `GET /?${injection} HTTP/1.1`],
    [[400], 'nobody', `GET /${injection} HTTP/1.1`],
    [[400], 'nobody', `GET /${markup}%00 HTTP/1.1`],
    [[400], 'nobody', `GET http://${markup}/ HTTP/1.1`],
    [[400], 'nobody', 'GET / HTTP/1.1', `Host: ${markup}`],
    [[400], 'nobody', 'GET / HTTP/1.1', `X_${'a'.repeat(9)}: ${markup}`],
    [[404], 'unknown', `GET /${markup} HTTP/1.1`],
    [[404], 'app', `GET /.pomerium/${markup} HTTP/1.1`],
    [[405], 'app', `DELETE /.pomerium/sign_in?${markup} HTTP/1.1`],
    [[503], 'down', `GET /${markup}?${markup} HTTP/1.1`],
    [[302, 401], 'app', `GET /${markup}?${markup} HTTP/1.1`],
    [[302, 401], 'app', `GET /x?${injection} HTTP/1.1`],
    [[421], 'certificate', `GET /${markup} HTTP/1.1`],
    [[400], 'auth', `GET /.pomerium/sign_in?pomerium_redirect_uri=${encoded}&pomerium_signature=${encoded} HTTP/1.1`],
    [[400], 'auth', `GET /oauth2/callback?code=${encoded}&state=${encoded} HTTP/1.1`],
    [[400], 'auth', `GET /oauth2/callback?error=${encoded}&error_description=${encoded}&state=${encoded} HTTP/1.1`],
    [[400], 'app', `GET /.pomerium/callback/?pomerium_redirect_uri=${encoded}&pomerium_session_encrypted=${encoded} HTTP/1.1`],
    [[200], 'app', `GET /.well-known/pomerium?${markup} HTTP/1.1`, `Origin: ${markup}`],
    [[200], 'app', `GET /.pomerium/?${markup} HTTP/1.1`, `Cookie: _pomerium=${markup}; x=${markup}`],
  ];

  for (const [statuses, host, start, ...lines] of requests) {
    it(`is text, or nowhere: ${host} ${[start, ...lines].join(', ')}`, async () => {
      for (const kind of kinds) {
        const own = lines.some((line) => line.startsWith('Host:')) ? [] : [`Host: ${street.authority(host)}`];
        const answer = await ask([start, ...own, ...lines, `Accept: ${kind}`]);
        // gRPC has its own status in the header, and 200 before it.
        assert.ok([...statuses, ...(kind === 'application/grpc' ? [200] : [])].includes(answer?.status ?? 0), `${kind}: ${answer?.status}`);
        assertHarmless(answer);
      }
    });
  }

  it('is text when a provider says it', async () => {
    const steps = signInSteps(street);
    for (const error of ['access_denied', 'server_error', markup]) {
      const state = new URL(await steps.begin(await steps.ask(street.url('app', '/page')))).searchParams.get('state') ?? '';
      const query = new URLSearchParams({
        error,
        error_description: markup,
        error_uri: `https://evil.example/${markup}`,
        state,
        iss: street.provider.issuer.origin,
      });
      const { status, body, headers } = await steps.visitor.visit(street.url('auth', `/oauth2/callback?${query.toString()}`));
      assert.equal(status, error === 'access_denied' ? 403 : 400);
      assert.doesNotMatch(body, /<img|onerror|evil\.example/);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
    }
  });

  it('is text when a certificate says it', async () => {
    const options = { sni: 'certificate.postern.test', client: stranger };
    for (const path of ['/', '/.pomerium/']) {
      const answer = await ask([`GET ${path} HTTP/1.1`, `Host: ${street.authority('certificate')}`, 'Accept: text/html'], options);
      assert.equal(answer?.status, path === '/' ? 403 : 200);
      assertHarmless(answer);
      assert.equal(answer?.body.includes('&lt;img'), path !== '/', 'its owner reads the subject, as text');
    }
  });

  it('grants no other site anything by its name', async () => {
    const answer = await ask([
      'GET /.well-known/pomerium/jwks.json HTTP/1.1',
      `Host: ${street.authority('app')}`,
      'Origin: https://evil.example',
    ]);
    assert.match(answer?.head ?? '', /^access-control-allow-origin: \*\r?$/im);
    assert.doesNotMatch(answer?.head ?? '', /access-control-allow-credentials|evil/i);
    const page = await ask(['GET /.pomerium/ HTTP/1.1', `Host: ${street.authority('app')}`, 'Origin: https://evil.example']);
    assert.doesNotMatch(page?.head ?? '', /access-control/i);
  });

  function ask(lines: readonly string[], options: RawOptions = { sni: 'app.postern.test' }): Promise<RawAnswer | undefined> {
    return askRaw(street.house, requestText([...lines, 'Connection: close']), options);
  }
});

/** No markup of the visitor's in head or body, no header of theirs, and nothing that a browser would guess about. */
function assertHarmless(answer: RawAnswer | undefined): void {
  assert.ok(answer !== undefined);
  const { head, body } = answer;
  assert.doesNotMatch(head, /<img|"'>|^x-evil/im);
  assert.doesNotMatch(body, /<img|<script|X-Evil: /i);
  const type = /^content-type: ([^;\r\n]+)/im.exec(head)?.[1];
  if (type === undefined) {
    assert.equal(body, '');
    return;
  }
  if (type !== 'application/grpc') assert.match(head, /^x-content-type-options: nosniff\r?$/im);
  if (type === 'text/html')
    assert.match(
      head,
      /^content-security-policy: default-src 'none'; style-src 'sha256-[^']+'; form-action [^;]+; frame-ancestors 'none'; base-uri 'none'\r?$/im,
    );
  const reference = /^x-request-id: (.*)$/im.exec(head)?.[1];
  if (reference !== undefined) assert.match(reference.trim(), /^[0-9a-f-]{36}$/);
}
