import type { KeyObject } from 'node:crypto';
import { createECDH, createHash, createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { NamedText } from '../config/settings.ts';
import type { SecretList } from './secrets.ts';

export interface SigningKey {
  /** The thumbprint of the public key (RFC 7638). */
  readonly kid: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<JWK>;
}

/** The key that signs assertions, and the document that publishes it with the keys that came before or will come after. */
export interface SigningKeys {
  readonly signer: SigningKey;
  readonly jwks: { readonly body: string; readonly etag: string };
}

export type SigningKeysResult = { readonly ok: true; readonly keys: SigningKeys } | { readonly ok: false; readonly message: string };

export type SigningKeySource = { readonly pem: NamedText } | { readonly sharedSecrets: SecretList };

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;
const base64 = /^[A-Za-z0-9+/_=\s-]+$/;
const groupOrder = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n;

/**
 * Reads the keys of `signing_key`: PEM, or PEM in base64, one or several. The first signs, all are published, so that a key
 * can be replaced while assertions of the old one are about. Without any, a P-256 key is derived from each shared secret.
 */
export async function readSigningKeys(source: SigningKeySource): Promise<SigningKeysResult> {
  if ('sharedSecrets' in source) {
    return { ok: true, keys: publish(source.sharedSecrets.map((secret) => readKey(deriveKey(secret)))) };
  }
  try {
    return { ok: true, keys: publish(readPem(source.pem.text)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `Cannot read the signing key of ${source.pem.label}: ${why}` };
  }
}

function readPem(text: string): readonly SigningKey[] {
  const pem = text.includes('-----BEGIN') || !base64.test(text) ? text : Buffer.from(text, 'base64').toString('utf8');
  const blocks = [...pem.matchAll(pemBlock)].filter(([, label]) => label !== 'EC PARAMETERS');
  if (blocks.length === 0) throw new Error('expected a private key in PEM, or the same in base64');
  return blocks.map(([block, label = ''], index) => readBlock(block, `block ${index + 1} (${label})`));
}

function readBlock(block: string, name: string): SigningKey {
  try {
    return readKey(createPrivateKey(block));
  } catch (error) {
    // The text of the key must not get into a message; what OpenSSL says of it does not hold it.
    throw new Error(`${name} is no usable private key: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

function readKey(privateKey: KeyObject): SigningKey {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const algorithm = algorithmOf(jwk, privateKey);
  const kid = thumbprintOf(jwk);
  return { kid, algorithm, privateKey, publicJwk: { ...jwk, use: 'sig', alg: algorithm, kid } };
}

function algorithmOf({ kty, crv }: JWK, { asymmetricKeyDetails }: KeyObject): SigningKey['algorithm'] {
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty !== 'RSA') throw new Error('expected an EC key on P-256 or an RSA key');
  if ((asymmetricKeyDetails?.modulusLength ?? 0) < 2048) throw new Error('expected an RSA key of at least 2048 bits');
  return 'RS256';
}

/** RFC 7638: of the members that make the key, in the order of their names. */
function thumbprintOf({ kty, crv, x, y, e, n }: JWK): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function publish(keys: readonly SigningKey[]): SigningKeys {
  const [signer] = keys;
  if (signer === undefined) throw new Error('expected at least one key');
  const body = JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  return { signer, jwks: { body, etag } };
}

/** The same key for the same secret, in every process: FIPS 186-5 appendix A.2.1, with 64 bits more than the group order has. */
function deriveKey(sharedSecret: Buffer): KeyObject {
  const bits = Buffer.from(hkdfSync('sha256', sharedSecret, Buffer.alloc(0), 'derived-jwt-signing-key', 40));
  const scalar = (BigInt(`0x${bits.toString('hex')}`) % (groupOrder - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const [x, y] = [point.toString('base64url', 1, 33), point.toString('base64url', 33)];
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d: d.toString('base64url') } });
}
