import type { JWTPayload } from 'jose';
import type { SignatureAlgorithm } from '../config/bearer-settings.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import { hasDuplicateNames } from './duplicate-names.ts';
import { asObject } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { loadJose } from './load-jose.ts';

export interface JwtRules {
  readonly issuer: string;
  /** One of them has to be in `aud`; undefined: the caller compares. */
  readonly audiences: readonly string[] | undefined;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Values of `typ` in lower case; a token without one is taken. */
  readonly types: readonly string[];
  readonly keys: IssuerKeys;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface JwtClaims extends JWTPayload {
  readonly sub: string;
  readonly exp: number;
}

const skewSeconds = 60;
// One with a hundred groups has 8 KB. The work of looking at it stays small whatever a stranger sends.
const longestToken = 16_384;
const compact = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/**
 * The claims of a signed token of this issuer for one of these audiences; undefined for every other text, encrypted tokens among them
 * (RFC 8725). `exp` and `sub` are required; clocks may differ by a minute, but a token that has run out counts no more. Throws a
 * `ProxyFailure` when the issuer's keys can't be had.
 */
export async function verifyJwt(token: string, rules: JwtRules): Promise<JwtClaims | undefined> {
  if (!isPlainJwt(token)) return undefined;
  const { issuer, audiences, algorithms, types, keys, at } = rules;
  try {
    const { payload, protectedHeader } = await loadJose().jwtVerify(token, keys.find, {
      issuer,
      ...(audiences === undefined ? {} : { audience: [...audiences] }),
      algorithms: [...algorithms],
      currentDate: new Date(at),
      clockTolerance: skewSeconds,
      requiredClaims: ['iss', 'sub', 'aud', 'exp'],
    });
    if (protectedHeader.typ !== undefined && !types.includes(plainType(protectedHeader.typ))) return undefined;
    const { sub, exp = 0, iat } = payload;
    if (typeof sub !== 'string' || sub === '' || exp * 1000 <= at) return undefined;
    if (iat !== undefined && iat * 1000 > at + skewSeconds * 1000) return undefined;
    return { ...payload, sub, exp };
  } catch (error) {
    if (error instanceof ProxyFailure) throw error;
    // Not signed, signed otherwise, by another key, for somebody else, too old: all the same to whoever shows it.
    return undefined;
  }
}

/** Whether a text is a signed token that every reader reads alike. */
export function isPlainJwt(token: string): boolean {
  if (token.length > longestToken) return false;
  const [, head, payload] = compact.exec(token) ?? [];
  return [head, payload].every((part) => part !== undefined && isPlainObject(Buffer.from(part, 'base64url').toString('utf8')));
}

function isPlainObject(json: string): boolean {
  try {
    return asObject(JSON.parse(json)) !== undefined && !hasDuplicateNames(json);
  } catch {
    // No JSON: no token.
    return false;
  }
}

/** `application/` may be left out (RFC 7515 section 4.1.9). */
function plainType(type: string): string {
  return type.toLowerCase().replace(/^application\//, '');
}
