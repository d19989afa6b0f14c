import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';
import { signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * Everything that was sealed or signed by us is genuine somewhere. Where it was meant for something else it is worth nothing
 * (Pomerium CVE-2024-47616: a token of one purpose opened the door of another).
 */
describe('a genuine token in the place of another', () => {
  let street: Street;
  let upstream: Recorder;
  /** Each with the name of the place where it belongs. */
  const tokens = new Map<string, string>();

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, set_request_headers: {X-Id: '\${pomerium.id_token}', X-Access: '\${pomerium.access_token}'}}
`);
    const steps = signInSteps(street);
    const { visitor } = steps;
    const cookie = (host: string, name: string): string | undefined =>
      visitor.jar
        .cookies(street.url(host))
        .split('; ')
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1);
    const signIn = new URL(await steps.ask(street.url('app', '/page')));
    keep('pomerium_signature', signIn.searchParams.get('pomerium_signature'));
    keep('_pomerium_browser', cookie('app', '_pomerium_browser'));
    const atProvider = new URL(await steps.begin(signIn.href));
    keep('state', atProvider.searchParams.get('state'));
    keep('nonce', atProvider.searchParams.get('nonce'));
    const handOver = new URL(await steps.finish(await steps.authenticate(atProvider.href)));
    keep('pomerium_session_encrypted', handOver.searchParams.get('pomerium_session_encrypted'));
    await visitor.visit(handOver.href);
    await visitor.visit(street.url('app', '/page'));
    keep('_pomerium', cookie('app', '_pomerium'));
    keep('_pomerium_authenticate', cookie('auth', '_pomerium_authenticate'));
    const told = new Map(fieldsAt(upstream));
    keep('assertion', told.get('x-pomerium-jwt-assertion'));
    keep('ID token', told.get('x-id'));
    keep('access token', told.get('x-access'));
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  function keep(name: string, value: string | null | undefined): void {
    assert.ok(typeof value === 'string' && value.length > 20, `there is a ${name}`);
    tokens.set(name, value);
  }

  async function ask(host: string, path: string, lines: readonly string[]) {
    const request = requestText([`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`, 'Accept: text/html', ...lines]);
    const { status, head = '', body = '' } = (await askRaw(street.house, request, { sni: `${host}.postern.test` })) ?? {};
    const session = /^set-cookie: _pomerium(?:_authenticate)?=[^;]/im.test(head);
    return { status, session, somebody: /alice/i.test(body), upstream: upstream.bytes() };
  }

  const nobody = { session: false, somebody: false, upstream: '' };

  /** Where somebody could try it: the kind that belongs there, how it is sent, and what comes of another kind. */
  const places: readonly (readonly [
    place: string,
    host: string,
    path: (token: string) => string,
    lines: (token: string) => string[],
    status: number,
  ])[] = [
    ['_pomerium', 'app', () => '/page', (token) => [`Cookie: _pomerium=${token}`], 302],
    ['_pomerium', 'app', () => '/.pomerium/', (token) => [`Cookie: _pomerium=${token}`], 200],
    ['_pomerium_authenticate', 'auth', () => '/.pomerium/', (token) => [`Cookie: _pomerium_authenticate=${token}`], 200],
    ['state', 'auth', (token) => `/oauth2/callback?code=x&state=${token}`, () => [], 400],
    [
      'pomerium_session_encrypted',
      'app',
      (token) => `/.pomerium/callback/?pomerium_session_encrypted=${token}`,
      () => [`Cookie: _pomerium_browser=${tokens.get('_pomerium_browser')}`],
      400,
    ],
    [
      'pomerium_signature',
      'auth',
      (token) => `/.pomerium/sign_in?pomerium_redirect_uri=${encodeURIComponent(street.url('app'))}&pomerium_signature=${token}`,
      () => [],
      400,
    ],
    ['query', 'app', (token) => `/page?pomerium_session=${token}&access_token=${token}&id_token=${token}`, () => [], 401],
  ];

  for (const [place, host, path, lines, status] of places) {
    it(`is nothing as ${place} (${host}, answered ${status})`, async () => {
      for (const [kind, token] of tokens)
        if (kind !== place) assert.deepEqual(await ask(host, path(encodeURIComponent(token)), lines(token)), { status, ...nobody }, kind);
    });
  }

  it('is what it is in its own place', async () => {
    assert.equal((await ask('app', '/page', [`Cookie: _pomerium=${tokens.get('_pomerium')}`])).status, 200);
    const { somebody } = await ask('auth', '/.pomerium/', [`Cookie: _pomerium_authenticate=${tokens.get('_pomerium_authenticate')}`]);
    assert.equal(somebody, true);
  });
});
