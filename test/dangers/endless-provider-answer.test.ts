import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { House } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from '../walk/house.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';
import { Visitor } from '../walk/visitor.ts';

type Place = '/.well-known/openid-configuration' | '/token' | '/jwks' | '/userinfo';
type Flood = 'a body without end' | 'a body that unpacks without end' | 'a head without end' | 'a document of one value';

const most = 16 * 2 ** 20;
const bomb = gzipSync(Buffer.alloc(256 * 2 ** 20, ' '), { level: 1 });
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Whoever asks a server for a document takes what comes, unless it is too much (Traefik CVE-2026-26998); the provider is such a server. */
describe('a provider that does not stop answering', () => {
  let house: House;
  let issuer = '';
  let port: number;
  let sent = 0;
  let wrong: { readonly place: Place; readonly flood: Flood } | undefined;
  let nonce = '';
  const server = createServer((request, response) => void answer(request, response));

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    port = await freePort();
  });

  beforeEach(async () => {
    sent = 0;
    // A new one each time: what is known of a provider is kept.
    house = await openHouse({
      port,
      config: `${signInKeys({ issuer: new URL(issuer) })}\nroutes: [{from: https://app.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}]`,
    });
  });

  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  for (const [place, status] of [
    ['/.well-known/openid-configuration', 502],
    ['/token', 502],
    ['/jwks', 502],
  ] as const) {
    for (const flood of [
      'a body without end',
      'a body that unpacks without end',
      'a head without end',
      'a document of one value',
    ] as const) {
      it(`is given up, and nobody is signed in: ${flood} at ${place}`, { timeout: 15_000 }, async () => {
        wrong = { place, flood };
        await using opened = house;
        const used = process.memoryUsage().rss;
        const visitor = new Visitor(opened);
        const steps = await signIn(visitor);
        assert.ok(steps.status === status || steps.status === 400 || steps.status === 503, `${steps.status}`);
        assert.equal(visitor.jar.cookies(`https://app.postern.test:${port}/`).includes('_pomerium='), false);
        assert.ok(sent < most, `${sent} bytes were taken`);
        assert.ok(process.memoryUsage().rss - used < 8 * most, 'and not unpacked either');
        assert.equal((await ask(opened, `https://app.postern.test:${port}/ping`)).status, 200);
      });
    }
  }

  it('is the same provider as ever where it stops', async () => {
    wrong = undefined;
    await using opened = house;
    const visitor = new Visitor(opened);
    assert.equal((await signIn(visitor)).status, 302);
  });

  /** From the page to the answer to the callback, or to the step that failed before. */
  async function signIn(visitor: Visitor): Promise<{ readonly status: number }> {
    const first = await visitor.visit(`https://app.postern.test:${port}/`);
    const begun = await visitor.visit(first.headers.location ?? '');
    if (begun.status !== 302) return begun;
    const { searchParams } = new URL(begun.headers.location ?? '');
    nonce = searchParams.get('nonce') ?? '';
    const query = new URLSearchParams({ code: 'x', state: searchParams.get('state') ?? '', iss: issuer });
    return visitor.visit(`${searchParams.get('redirect_uri')}?${query.toString()}`);
  }

  async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = url.split('?');
    if (wrong?.place === path) return pour(response, wrong.flood);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(documents()[path as Place] ?? {}));
  }

  async function pour(response: ServerResponse, flood: Flood): Promise<void> {
    response.on('error', () => response.destroy());
    const gone = new Promise((resolve) => void response.once('close', resolve));
    response.setHeader('Content-Type', 'application/json');
    if (flood === 'a body that unpacks without end') response.setHeader('Content-Encoding', 'gzip');
    if (flood === 'a head without end') for (let at = 0; at < 2000; at += 1) response.setHeader(`X-${at}`, 'x'.repeat(1000));
    response.write(flood === 'a document of one value' ? '{"issuer":"' : '');
    const part = flood === 'a body that unpacks without end' ? bomb : Buffer.alloc(65_536, flood === 'a document of one value' ? 'x' : ' ');
    while (!response.destroyed && sent < 4 * most) {
      const more = response.write(part);
      sent += part.length;
      if (!more) await Promise.race([new Promise((resolve) => void response.once('drain', resolve)), gone]);
    }
    response.destroy();
  }

  function documents(): Readonly<Record<Place, unknown>> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: 'alice', aud: 'postern', iat: now, exp: now + 300, nonce };
    const input = [{ alg: 'RS256', kid: 'k' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return {
      '/.well-known/openid-configuration': {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
      '/token': {
        access_token: 'a',
        token_type: 'Bearer',
        id_token: `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`,
      },
      '/jwks': {
        keys: [
          {
            ...privateKey.export({ format: 'jwk' }),
            d: undefined,
            p: undefined,
            q: undefined,
            dp: undefined,
            dq: undefined,
            qi: undefined,
            kid: 'k',
            use: 'sig',
            alg: 'RS256',
          },
        ],
      },
      '/userinfo': { sub: 'alice' },
    };
  }
});
