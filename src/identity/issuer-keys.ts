import type { JSONWebKeySet, JWTVerifyGetKey, LocalJWKSet } from 'jose';
import { ProxyFailure } from '../http/proxy-failure.ts';
import { asObject, fetchJson } from './fetch-json.ts';
import type { IdentityLog } from './identity.ts';
import { loadJose } from './load-jose.ts';
import { safeAddress } from './safe-address.ts';

/** The public keys of one issuer. What a token says about where its key is (`jku`, `x5u`, `jwk`, `kid` as a path) is not looked at. */
export interface IssuerKeys {
  /** Throws a `ProxyFailure` while the issuer can't be asked and nothing is known of it. */
  readonly find: JWTVerifyGetKey;
}

export interface IssuerKeysOptions {
  /** Where the key set is; asked again whenever keys are read anew. */
  readonly locate: () => Promise<URL>;
  /** For failures. */
  readonly issuer: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly log: IdentityLog;
}

interface Known {
  readonly keys: LocalJWKSet;
  readonly readAt: number;
}

// A key that was taken out of the set counts no longer than this,
const keepMs = 10 * 60_000;
// or than this, where the issuer does not answer.
const keepUnansweredMs = 60 * 60_000;
// Anybody can make up key ids: they must not turn us into somebody who floods the issuer.
const readAgainAfterMs = 60_000;
const retryAfterMs = 5_000;

export function createIssuerKeys({ locate, issuer, fetch, now, log }: IssuerKeysOptions): IssuerKeys {
  let known: Known | undefined;
  let triedAt = -Infinity;
  let failure: ProxyFailure | undefined;
  let underWay: Promise<Known> | undefined;

  return {
    async find(header, token) {
      const current = await read();
      try {
        return await current.keys(header, token);
      } catch (error) {
        if (!(error instanceof loadJose().errors.JWKSNoMatchingKey) || age(triedAt) < readAgainAfterMs) throw error;
        // A key that is newer than what we know, or none at all.
        const newer = await readAnew();
        return newer.keys(header, token);
      }
    },
  };

  function age(at: number): number {
    // A clock that was set back must not keep anything for longer: the distance counts, not the sign.
    return Math.abs(now() - at);
  }

  async function read(): Promise<Known> {
    if (known !== undefined && age(known.readAt) < keepMs) return known;
    if (underWay === undefined && age(triedAt) < retryAfterMs) return lastKnown();
    return readAnew();
  }

  async function readAnew(): Promise<Known> {
    underWay ??= fetchKeys().finally(() => (underWay = undefined));
    return underWay;
  }

  async function fetchKeys(): Promise<Known> {
    triedAt = now();
    try {
      const doing = `read the keys of ${JSON.stringify(issuer)}`;
      const { status, body } = await fetchJson({ fetch, url: await locate(), doing });
      if (status !== 200) throw new ProxyFailure('provider-refused', `Cannot ${doing}: the answer has status ${status}`);
      known = { keys: loadJose().createLocalJWKSet(readKeySet(body, doing)), readAt: now() };
      return known;
    } catch (error) {
      failure = error instanceof ProxyFailure ? error : new ProxyFailure('provider-refused', 'Cannot read the keys', { cause: error });
      log.warn({ issuer, error: failure }, 'The keys of a token issuer could not be read');
      return lastKnown();
    }
  }

  function lastKnown(): Known {
    if (known !== undefined && age(known.readAt) < keepUnansweredMs) return known;
    throw failure ?? new ProxyFailure('provider-unreachable', `Cannot read the keys of ${JSON.stringify(issuer)}`);
  }
}

function readKeySet(body: unknown, doing: string): JSONWebKeySet {
  const keys: unknown = asObject(body)?.['keys'];
  if (!Array.isArray(keys)) throw new ProxyFailure('provider-refused', `Cannot ${doing}: the answer is no key set`);
  // One key that we can't read is no reason to know none.
  return { keys: keys.map(asObject).filter((key) => key !== undefined) };
}

/** The `jwks_uri` of an issuer's discovery document (OpenID Connect Discovery 1.0 section 4), which has to name this very issuer. */
export async function discoverKeysUrl(issuer: string, fetch: typeof globalThis.fetch): Promise<URL> {
  const doing = `read the discovery document of ${JSON.stringify(issuer)}`;
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { status, body } = await fetchJson({ fetch, url, doing });
  const { issuer: named, jwks_uri: keysUrl } = asObject(body) ?? {};
  if (named !== issuer) throw new ProxyFailure('provider-refused', `Cannot ${doing}: status ${status}, and no keys of this issuer`);
  return safeAddress(keysUrl, `read the keys of ${JSON.stringify(issuer)}`);
}
