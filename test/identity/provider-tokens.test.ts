import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Configuration } from 'openid-client';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { Provider } from '../../src/identity/provider.ts';
import type { ProviderTokenVerifier } from '../../src/identity/provider-tokens.ts';
import { createProviderTokenVerifier } from '../../src/identity/provider-tokens.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { openTokenIssuer } from './token-issuer.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('createProviderTokenVerifier()', () => {
  let issuer: TokenIssuer;
  let userInfo: { status: number; body: unknown };
  let verifier: ProviderTokenVerifier;

  before(async () => {
    issuer = await openTokenIssuer();
    userInfo = { status: 200, body: { sub: 'alice', email: 'alice@example.com' } };
    verifier = verifierWith({ userinfo_endpoint: `${issuer.issuer}/me` });
  });
  after(() => issuer[Symbol.asyncDispose]());

  async function send(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const url = input instanceof Request ? input.url : input.toString();
    return url.endsWith('/me') ? Response.json(userInfo.body, { status: userInfo.status }) : fetch(input, init);
  }

  function verifierWith(metadata: Readonly<Record<string, string>>, kind: Provider['kind'] = 'oidc'): ProviderTokenVerifier {
    const configuration = new Configuration({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/keys`, ...metadata }, 'postern');
    const provider = { kind, configuration: async (): Promise<Configuration> => configuration };
    return createProviderTokenVerifier({ provider, clientId: 'postern', fetch: send, now: () => Date.now(), log: silent });
  }

  const idOf = async (claims: Readonly<Record<string, unknown>>, head = {}): Promise<string | undefined> => {
    const found = await verifier.verifyIdToken(await issuer.sign({ aud: 'postern', ...claims }, head));
    return found?.userId;
  };

  it('takes an ID token that was made out to us, and to nobody else before us', async () => {
    assert.deepEqual(
      [
        await idOf({}),
        await idOf({ azp: 'postern' }),
        await idOf({ aud: ['postern', 'other'], azp: 'postern' }),
        await idOf({}, { typ: 'JWT' }),
        await idOf({ aud: ['postern', 'other'] }),
        await idOf({ aud: ['postern', 'other'], azp: 'other' }),
        await idOf({ azp: 'other' }),
        await idOf({ aud: 'other' }),
        await idOf({ iss: 'https://idp.example' }),
        await idOf({ exp: Math.floor(Date.now() / 1000) - 1 }),
      ],
      ['alice', 'alice', 'alice', 'alice', undefined, undefined, undefined, undefined, undefined, undefined],
    );
  });

  it('takes neither an access token nor the news of a sign-out for an ID token', async () => {
    assert.deepEqual(
      [
        await idOf({}, { typ: 'at+jwt' }),
        await idOf({}, { typ: 'application/at+jwt' }),
        await idOf({}, { typ: 'logout+jwt' }),
        await idOf({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
      ],
      [undefined, undefined, undefined, undefined],
    );
  });

  it('knows people of Azure by what stays the same', async () => {
    const azure = verifierWith({}, 'azure');
    const found = await azure.verifyIdToken(await issuer.sign({ aud: 'postern', oid: 'object' }));
    assert.equal(found?.userId, 'object');
  });

  it('takes an access token that is signed, and whose user info is of the same person', async () => {
    const token = await issuer.sign({ aud: ['a', 'b'] }, { typ: 'at+jwt' });
    const found = await verifier.verifyAccessToken(token);
    assert.deepEqual(
      [found?.userId, found?.audiences, found?.grant.accessToken === token, found?.grant.idToken],
      ['alice', ['a', 'b'], true, undefined],
    );
    userInfo = { status: 200, body: { sub: 'bob' } };
    const ofAnother = await verifier.verifyAccessToken(token);
    userInfo = { status: 401, body: {} };
    const refused = await verifier.verifyAccessToken(token);
    userInfo = { status: 200, body: {} };
    const nobody = await verifier.verifyAccessToken(token);
    for (const status of [503, 429, 408, 404, 302]) {
      userInfo = { status, body: {} };
      await assert.rejects(verifier.verifyAccessToken(token), ProxyFailure, `${status} says nothing about the token`);
    }
    userInfo = { status: 200, body: { sub: 'alice' } };
    assert.deepEqual([ofAnother, refused, nobody], [undefined, undefined, undefined]);
  });

  it('sends no token in the clear, and takes no keys that came so', async () => {
    const token = await issuer.sign({ aud: 'postern' });
    for (const plain of ['http://idp.example', 'ftp://idp.example', 'idp.example'])
      for (const metadata of [
        { userinfo_endpoint: `${plain}/me` },
        { jwks_uri: `${plain}/keys`, userinfo_endpoint: `${issuer.issuer}/me` },
      ])
        await assert.rejects(verifierWith(metadata).verifyAccessToken(token), { code: 'provider-refused' }, JSON.stringify(metadata));
  });

  it('takes no access token of which nobody says whom it was given to', async () => {
    const opaque = await verifier.verifyAccessToken('opaque');
    const forged = await verifier.verifyAccessToken(`${(await issuer.sign()).slice(0, -4)}AAAA`);
    const withoutUserInfo = await verifierWith({}).verifyAccessToken(await issuer.sign());
    assert.deepEqual([opaque, forged, withoutUserInfo], [undefined, undefined, undefined]);
  });
});
