import type { BearerFormat, TokenIssuerSettings } from '../config/bearer-settings.ts';
import { asObject } from './fetch-json.ts';
import type { IdentityLog } from './identity.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { createIssuerKeys, discoverKeysUrl } from './issuer-keys.ts';
import type { ProviderTokenVerifier } from './provider-tokens.ts';
import type { VerifiedToken } from './verified-token.ts';
import { audiencesOf, noGrant } from './verified-token.ts';
import { isPlainJwt, verifyJwt } from './verify-jwt.ts';

type Format = Exclude<BearerFormat, 'default'>;

export interface BearerVerifier {
  /** Undefined for a token that does not count. Throws a `ProxyFailure` when whoever knows can't be asked. */
  verify(format: Format, token: string): Promise<VerifiedToken | undefined>;
  /** Whose answer that may wait for, by one name each; there are as many names as issuers are configured, and a few. */
  waitsFor(format: Format, token: string): string;
}

export interface BearerVerifierOptions {
  /** Undefined where no provider is configured. */
  readonly provider: ProviderTokenVerifier | undefined;
  readonly tokenIssuers: readonly TokenIssuerSettings[];
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: IdentityLog;
}

const types: readonly string[] = ['jwt', 'at+jwt'];

/** Who a bearer token of a format stands for. */
export function createBearerVerifier({ provider, tokenIssuers, fetch, now, log }: BearerVerifierOptions): BearerVerifier {
  const issuers = new Map(tokenIssuers.map((settings) => [settings.issuer, { settings, keys: keysOf(settings) }]));

  return {
    async verify(format, token) {
      switch (format) {
        case 'jwt':
          return verifyForeign(token);
        case 'idp_identity_token':
          return provider?.verifyIdToken(token);
        case 'idp_access_token':
          return provider?.verifyAccessToken(token);
      }
    },
    waitsFor: (format, token) => (format === 'jwt' ? `${format} ${issuerOf(token)?.settings.name ?? ''}` : format),
  };

  function issuerOf(token: string): ReturnType<typeof issuers.get> {
    return isPlainJwt(token) ? issuers.get(claimedIssuer(token)) : undefined;
  }

  function keysOf({ issuer, jwksUrl }: TokenIssuerSettings): IssuerKeys {
    return createIssuerKeys({ issuer, fetch, now, log, locate: async () => jwksUrl ?? discoverKeysUrl(issuer, fetch) });
  }

  async function verifyForeign(token: string): Promise<VerifiedToken | undefined> {
    const issuer = issuerOf(token);
    if (issuer === undefined) return undefined;
    const { settings, keys } = issuer;
    const claims = await verifyJwt(token, { ...settings, types, keys, at: now() });
    if (claims === undefined) return undefined;
    // The name before it, so that nobody of one issuer is taken for somebody of another.
    const userId = `${settings.name}/${claims.sub}`;
    const grant = { ...noGrant, idTokenClaims: claims };
    return { userId, grant, audiences: audiencesOf(claims.aud), issuer: settings.name, expiresAt: claims.exp * 1000 };
  }
}

/** Only to choose the keys that will prove it. */
function claimedIssuer(token: string): string {
  const claims = asObject(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  const issuer = claims?.['iss'];
  return typeof issuer === 'string' ? issuer : '';
}
