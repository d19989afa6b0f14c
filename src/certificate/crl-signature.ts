import type { KeyObject } from 'node:crypto';
import { constants, verify } from 'node:crypto';
import { pssHashOid } from './key-strength.ts';
import type { DerValue } from './read-der.ts';

/** What was signed, how, and the signature. */
export interface SignedBytes {
  readonly bytes: Buffer;
  /** Dotted OID of the signature algorithm, and its parameters. */
  readonly algorithm: string;
  readonly parameters: DerValue | undefined;
  readonly signature: Buffer;
}

/** Whether the key made the signature. An algorithm that isn't listed, or is not for this kind of key, verifies nothing. */
export function isSignedWith({ bytes, algorithm, parameters, signature }: SignedBytes, key: KeyObject): boolean {
  const known = algorithms.get(algorithm);
  if (known === undefined || !known.kinds.includes(key.asymmetricKeyType ?? '')) return false;
  const hash = known.hash ?? pssHashes.get(pssHashOid(parameters) ?? '');
  if (hash === undefined) return false;
  try {
    const padding = known.pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : {};
    return verify(hash === 'its own' ? null : hash, bytes, { key, ...padding }, signature);
  } catch {
    // A key or a signature of a shape that OpenSSL complains of did not sign this.
    return false;
  }
}

interface Algorithm {
  readonly kinds: readonly string[];
  /** As `node:crypto` calls it; undefined: the parameters say. */
  readonly hash: string | undefined;
  readonly pss: boolean;
}

const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ...signatures('rsa', { '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512' }),
  ...signatures('rsa', {
    '2.16.840.1.101.3.4.3.14': 'sha3-256',
    '2.16.840.1.101.3.4.3.15': 'sha3-384',
    '2.16.840.1.101.3.4.3.16': 'sha3-512',
  }),
  ...signatures('ec', { '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512' }),
  ...signatures('ec', {
    '2.16.840.1.101.3.4.3.10': 'sha3-256',
    '2.16.840.1.101.3.4.3.11': 'sha3-384',
    '2.16.840.1.101.3.4.3.12': 'sha3-512',
  }),
  ...signatures('ed25519', { '1.3.101.112': 'its own' }),
  ...signatures('ed448', { '1.3.101.113': 'its own' }),
  ...signatures('ml-dsa-44', { '2.16.840.1.101.3.4.3.17': 'its own' }),
  ...signatures('ml-dsa-65', { '2.16.840.1.101.3.4.3.18': 'its own' }),
  ...signatures('ml-dsa-87', { '2.16.840.1.101.3.4.3.19': 'its own' }),
  ['1.2.840.113549.1.1.10', { kinds: ['rsa', 'rsa-pss'], hash: undefined, pss: true }],
]);

function signatures(kind: string, hashes: Readonly<Record<string, string>>): readonly (readonly [string, Algorithm])[] {
  return Object.entries(hashes).map(([oid, hash]) => [oid, { kinds: [kind], hash, pss: false }]);
}

const pssHashes: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
