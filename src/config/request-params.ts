import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

// What the sign-in itself is made of: another value for one of them would break it, or take a check out of it (RFC 6749 section
// 10.12, RFC 7636, OpenID Connect Core sections 3.1.2.1 and 6).
const reserved = new Set([
  'client_id',
  'client_secret',
  'code',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'grant_type',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
]);

const key = 'idp_request_params';

/** Parameters for the redirect to the provider. Values may be secrets and are never quoted; undefined when the key was left out. */
export function readRequestParams(
  reading: Reading,
  written: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (written === undefined) return undefined;
  for (const name of Object.keys(written)) {
    const refusal = refuse(name);
    if (refusal !== undefined) reading.error([key, name], `${key}: ${refusal}`, { part: 'key' });
  }
  return { ...written };
}

function refuse(name: string): string | undefined {
  // What stands where a name should be and is none may be a value that lost its colon.
  if (!/^[A-Za-z0-9._~-]+$/.test(name)) return 'this is no name of a parameter, write letters, digits and _';
  if (!reserved.has(name.toLowerCase())) return undefined;
  const advice = name.toLowerCase() === 'scope' ? ': write idp_scopes' : ', and only Postern writes it';
  return `${quoteValue(name)} belongs to the sign-in itself${advice}`;
}
