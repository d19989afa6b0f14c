import { editDistance } from './nearest-word.ts';
import { fixedKeys } from './schema-walk.ts';
import { routeSchema } from './route-schema.ts';
import { settingsSchema } from './settings-schema.ts';
import type { AnySchema } from './schema.ts';

const secretWords = new Set([
  'secret',
  'secrets',
  'key',
  'keys',
  'token',
  'tokens',
  'password',
  'passphrase',
  'credential',
  'credentials',
  'auth',
  'authorization',
]);
// Keys of later issues and of Pomerium whose values are, or may hold, a secret and whose names do not say so.
const otherSecrets = ['google_cloud_serverless_authentication_service_account'];
const fileSuffix = /_files?$/;
// `key` of a list `certificates` is a file name.
const fileNames = new Set(['key']);
// They speak of tokens and hold none.
const aboutTokens = new Set(['bearer_token_format', 'idp_access_token_allowed_audiences']);
// A path is no secret, but one of 64 secrets in base64 begins like one: that is told by the `=` at its end.
const bareSecret = /^(?:[A-Za-z0-9+=_-][A-Za-z0-9+/=_-]{31,}|\/[A-Za-z0-9+/]{29,}={1,2})$/;
// Behind a file name in one line the next key may follow, and some are as long as a secret.
const nameOfKey = /^[a-z]+(?:_[a-z]+)+$/;
const betweenWords = /[\s,:"'[\]{}]+/;

const secretKeys: readonly string[] = [...secretsOf(settingsSchema), ...secretsOf(routeSchema), ...otherSecrets];

/**
 * Whether the value of a key may be a secret, so that no problem shows it. Misspelt keys count as well: the value of
 * `idp_client_secrte` is as secret as the other. In doubt it is one.
 */
export function isSecretKey(key: string): boolean {
  const words = key.toLowerCase().split(/[^a-z0-9]+/);
  const name = key.toLowerCase().replaceAll('-', '_').replace(/\W/g, '');
  if (fileSuffix.test(name) || fileNames.has(name) || aboutTokens.has(name)) return false;
  if (secretKeys.some((secret) => name.includes(secret)) || words.some((word) => secretWords.has(word))) return true;
  return secretKeys.some((secret) => Math.abs(secret.length - name.length) <= 2 && editDistance(name, secret) <= 2);
}

/** Whether a key resembles that of a secret, if from afar: enough not to show what stands behind one that nobody knows. */
export function resemblesSecretKey(key: string): boolean {
  const name = key.toLowerCase();
  return isSecretKey(key) || secretKeys.some((secret) => secret.length > 2 * farthest && editDistance(name, secret) <= farthest);
}

const farthest = 4;

/** Whether a text that should be a file name is more likely the secret itself, or a list of them, put under the wrong key. */
export function looksLikeSecret(fileName: string): boolean {
  return (
    fileName.includes('-----BEGIN') ||
    fileName.includes('\n') ||
    fileName.split(betweenWords).some((word) => bareSecret.test(word) && !nameOfKey.test(word))
  );
}

/** Whether the value of a key is the name of a file that holds a secret. */
export function namesSecretFile(key: string): boolean {
  return fileSuffix.test(key) && isSecretKey(key.replace(fileSuffix, ''));
}

function secretsOf(schema: AnySchema): readonly string[] {
  return Object.entries(fixedKeys(schema) ?? {})
    .filter(([, value]) => value.facts?.writeOnly === true)
    .map(([key]) => key);
}
