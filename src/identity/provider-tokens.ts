import type { SignatureAlgorithm } from '../config/bearer-settings.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import { asObject, fetchJson } from './fetch-json.ts';
import type { IdentityLog } from './identity.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import { providerFailure } from './provider-failure.ts';
import type { Provider } from './provider.ts';
import { safeAddress } from './safe-address.ts';
import { userIdOf } from './user-id.ts';
import type { VerifiedToken } from './verified-token.ts';
import { audiencesOf, noGrant } from './verified-token.ts';
import type { JwtClaims } from './verify-jwt.ts';
import { isPlainJwt, verifyJwt } from './verify-jwt.ts';

/** Tokens of the identity provider. Undefined for one that does not count; a `ProxyFailure` is thrown when the provider can't be asked. */
export interface ProviderTokenVerifier {
  verifyIdToken(token: string): Promise<VerifiedToken | undefined>;
  verifyAccessToken(token: string): Promise<VerifiedToken | undefined>;
}

export interface ProviderTokenOptions {
  readonly provider: Pick<Provider, 'configuration' | 'kind'>;
  readonly clientId: string;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: IdentityLog;
}

interface KnownAccess {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly subject: string | undefined;
  readonly audiences: readonly string[];
  readonly expiresAt: number;
}

// The discovery document is believed about where the keys are, and not about what is a signature.
const algorithms: readonly SignatureAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
// An access token that is taken for an ID token would say that somebody signed in who did not (RFC 9068 section 4).
const idTokenTypes: readonly string[] = ['jwt'];
// By which a user info says that a token is not good (RFC 6750 section 3.1).
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);
const accessTokenTypes: readonly string[] = ['jwt', 'at+jwt'];

export function createProviderTokenVerifier({ provider, clientId, fetch, now, log }: ProviderTokenOptions): ProviderTokenVerifier {
  const issuer = 'the identity provider';
  const keys = createIssuerKeys({ issuer, fetch, now, log, locate: keysUrl });

  return { verifyIdToken, verifyAccessToken };

  async function keysUrl(): Promise<URL> {
    const { jwks_uri: url } = await metadata();
    return safeAddress(url, 'read the keys of the identity provider');
  }

  async function metadata() {
    const configuration = await provider.configuration();
    return configuration.serverMetadata();
  }

  async function verifyIdToken(token: string): Promise<VerifiedToken | undefined> {
    const claims = await verifySigned(token, { audiences: [clientId], types: idTokenTypes });
    // One that tells us that somebody signed out is made out to us as well (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    if (claims === undefined || claims['events'] !== undefined) return undefined;
    const audiences = audiencesOf(claims.aud);
    // OpenID Connect Core 3.1.3.7, steps 4 and 5: of several audiences one asked for it, and it has to be us.
    const { azp } = claims;
    if (azp === undefined ? audiences.length > 1 : azp !== clientId) return undefined;
    const userId = userIdOf(provider.kind, claims);
    if (userId === undefined) return undefined;
    const grant = { ...noGrant, idTokenClaims: claims, idToken: token };
    return { userId, grant, audiences, issuer: undefined, expiresAt: claims.exp * 1000 };
  }

  /**
   * The user info says whose token it is, and not whom it was given to: an application of somebody else could come with the tokens of
   * its users. So the token must name its audience as well: signed in itself, or told by the provider (RFC 7662).
   */
  async function verifyAccessToken(token: string): Promise<VerifiedToken | undefined> {
    const known = isPlainJwt(token) ? await readAccessToken(token) : await introspect(token);
    if (known === undefined) return undefined;
    const userInfo = await readUserInfo(token);
    const subject = userInfo?.['sub'];
    if (userInfo === undefined || typeof subject !== 'string' || (known.subject ?? subject) !== subject) return undefined;
    const userId = userIdOf(provider.kind, { ...userInfo, ...known.claims });
    if (userId === undefined) return undefined;
    const grant = { ...noGrant, idTokenClaims: { ...known.claims, sub: subject }, userInfo, accessToken: token };
    return { userId, grant, audiences: known.audiences, issuer: undefined, expiresAt: known.expiresAt };
  }

  async function readAccessToken(token: string): Promise<KnownAccess | undefined> {
    const claims = await verifySigned(token, { audiences: undefined, types: accessTokenTypes });
    if (claims === undefined) return undefined;
    return { claims, subject: claims.sub, audiences: audiencesOf(claims.aud), expiresAt: claims.exp * 1000 };
  }

  async function verifySigned(
    token: string,
    expected: { readonly audiences: readonly string[] | undefined; readonly types: readonly string[] },
  ): Promise<JwtClaims | undefined> {
    // Before the provider is asked for anything.
    if (!isPlainJwt(token)) return undefined;
    const { issuer: named } = await metadata();
    return verifyJwt(token, { ...expected, issuer: named, algorithms, keys, at: now() });
  }

  async function introspect(token: string): Promise<KnownAccess | undefined> {
    const configuration = await provider.configuration();
    // Nobody can say whom it was given to: in doubt to somebody else.
    if (configuration.serverMetadata().introspection_endpoint === undefined) return undefined;
    try {
      const { active, aud, client_id: client, sub, exp } = await loadOpenidClient().tokenIntrospection(configuration, token);
      if (!active || (exp !== undefined && exp * 1000 <= now())) return undefined;
      const audiences = audiencesOf(aud ?? client);
      return { claims: {}, subject: sub, audiences, expiresAt: exp === undefined ? Infinity : exp * 1000 };
    } catch (error) {
      throw providerFailure('ask about an access token', error);
    }
  }

  async function readUserInfo(token: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { userinfo_endpoint: endpoint } = await metadata();
    if (endpoint === undefined) return undefined;
    const doing = 'read the user info of an access token';
    const headers = { authorization: `Bearer ${token}` };
    const { status, body } = await fetchJson({ fetch, url: safeAddress(endpoint, doing), headers, doing });
    if (status === 200 || refusals.has(status)) return asObject(body);
    // It was not about the token, so nobody who was let in with it is shut out.
    throw new ProxyFailure('provider-refused', `Cannot ${doing}: the answer has status ${status}`);
  }
}
