import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FakeProvider, Misbehaviour } from '../identity/fake-provider.ts';
import { createFakeProvider } from '../identity/fake-provider.ts';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { Visitor } from '../walk/visitor.ts';
import { assertRefused, locationOf } from './sign-in-steps.ts';

interface Socketed extends AsyncDisposable {
  readonly provider: FakeProvider;
}

/** The provider that does whatever it is told, on a loopback port. */
async function openFakeProvider(): Promise<Socketed> {
  const port = await freePort();
  const provider = createFakeProvider(`http://127.0.0.1:${port}`);
  const server = createServer((request, response) => void answer(provider, request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  assert.equal((server.address() as AddressInfo).port, port);
  return {
    provider,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(provider: FakeProvider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = new URLSearchParams(await text(request));
  const url = new URL(request.url ?? '/', provider.issuer);
  const found = await provider.fetch(url, request.method === 'POST' ? { method: 'POST', body } : {});
  response.writeHead(found.status, { 'content-type': found.headers.get('content-type') ?? 'text/plain' }).end(await found.text());
}

/** Mix-up (RFC 9207), replayed and foreign tokens (OpenID Connect Core 3.1.3.7), algorithms of the attacker's choice, injected codes (RFC 9700). */
describe('a provider that misbehaves, or somebody in its place', () => {
  let socketed: Socketed;
  let house: House;
  let upstream: Recorder;
  const page = (): string => `https://app.postern.test:${house.port}/page`;

  before(async () => {
    [socketed, upstream] = await Promise.all([openFakeProvider(), openRecorder()]);
    house = await openHouse({
      port: await freePort(),
      config: `${signInKeys(socketed.provider)}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`,
    });
  });

  beforeEach(() => {
    socketed.provider.behave({});
    upstream.clear();
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await socketed[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function toProvider(visitor: Visitor): Promise<string> {
    const link = locationOf(await visitor.visit(page()), page());
    return locationOf(await visitor.visit(link), link);
  }

  async function signInWith(
    misbehaviour: Misbehaviour,
    changes: Readonly<Record<string, string | undefined>> = {},
  ): Promise<{ readonly visitor: Visitor; readonly callback: string }> {
    const visitor = new Visitor(house);
    const callback = socketed.provider.answer(await toProvider(visitor), changes);
    socketed.provider.behave(misbehaviour);
    return { visitor, callback };
  }

  it('signs somebody in as long as it behaves', async () => {
    const { visitor, callback } = await signInWith({});
    assert.equal((await visitor.arrive(callback)).answer.status, 200);
  });

  const now = Math.floor(Date.now() / 1000);
  const answers: Readonly<Record<string, readonly [Misbehaviour, Readonly<Record<string, string | undefined>>?]>> = {
    'a token for another sign-in': [{ claims: { nonce: 'of-another' } }],
    'a token without a nonce': [{ claims: { nonce: undefined } }],
    'a token of another issuer': [{ claims: { iss: 'https://evil.example' } }],
    'a token for another client': [{ claims: { aud: 'another' } }],
    'a token for us and another, used by the other': [{ claims: { aud: ['postern', 'another'], azp: 'another' } }],
    'a token for us and another, used by nobody knows whom': [{ claims: { aud: ['postern', 'another'] } }],
    'a token of tomorrow': [{ claims: { iat: now + 86_400, exp: now + 90_000 } }],
    'a token of yesterday': [{ claims: { iat: now - 86_400, exp: now - 86_000 } }],
    'a token that is not signed': [{ header: { alg: 'none' }, signature: 'none' }],
    'a token signed with the public key as a password': [{ header: { alg: 'HS256' }, signature: 'public-key-as-secret' }],
    'a token signed by somebody else': [{ signature: 'other-key' }],
    'a token that brings its own key': [{ header: { jku: 'http://127.0.0.1:1/jwks', kid: 'mine' }, signature: 'other-key' }],
    'no token': [{ tokens: { id_token: undefined } }],
    'the issuer of another provider': [{}, { iss: 'https://evil.example' }],
    'no issuer, which it promised': [{}, { iss: undefined }],
    'a code of nobody': [{}, { code: undefined }],
  };
  for (const [what, [misbehaviour, changes]] of Object.entries(answers))
    it(`signs nobody in by ${what}`, async () => {
      const { visitor, callback } = await signInWith(misbehaviour, changes);
      assertRefused(await visitor.visit(callback), what);
      assert.equal((await visitor.visit(page())).status, 302);
      assert.equal(upstream.bytes(), '');
    });

  it('is asked for S256 and nothing less, whatever it says of itself, and shown the verifier of this sign-in', async () => {
    socketed.provider.behave({ metadata: { code_challenge_methods_supported: ['plain'] } });
    const visitor = new Visitor(house);
    const asked = new URL(await toProvider(visitor)).searchParams;
    assert.deepEqual(
      [asked.get('code_challenge_method'), asked.get('code_challenge')?.length, asked.get('response_type')],
      ['S256', 43, 'code'],
    );
    const [own, foreign] = await Promise.all([signInWith({}), signInWith({})]);
    const stolen = new URL(own.callback);
    stolen.searchParams.set('code', new URL(foreign.callback).searchParams.get('code') ?? '');
    assertRefused(await own.visitor.visit(stolen.href), 'the code of another sign-in');
    assert.equal(upstream.bytes(), '');
  });
});
