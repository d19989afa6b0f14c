import type { KeyObject } from 'node:crypto';
import type { DerValue } from './read-der.ts';
import { readChildren, readOid } from './read-der.ts';

/** What is wrong with a certificate's key, or undefined. Kinds that aren't listed are refused: nobody has weighed them. */
export function keyWeakness(publicKey: KeyObject | undefined): string | undefined {
  const kind = publicKey?.asymmetricKeyType ?? 'unknown';
  const { modulusLength: bits = 0, namedCurve = 'unknown', publicExponent = 0n } = publicKey?.asymmetricKeyDetails ?? {};
  if (strongKinds.has(kind)) return undefined;
  if (kind === 'ec') return strongCurves.has(namedCurve) ? undefined : `a key on the curve "${namedCurve}" where 256 bits are the least`;
  if (kind !== 'rsa' && kind !== 'rsa-pss') return `a key of a kind that is not accepted (${kind})`;
  if (bits < 2048) return `an RSA key of ${bits} bits where 2048 are the least`;
  if (bits > largestRsaBits) return `an RSA key of ${bits} bits where ${largestRsaBits} are the most`;
  // With an exponent of 1, a signature is the message itself: anybody makes one.
  return publicExponent < 3n || publicExponent % 2n === 0n || publicExponent > largestExponent
    ? `an RSA key whose exponent is none that is accepted (${publicExponent})`
    : undefined;
}

/**
 * What is wrong with the way a certificate was signed, or undefined. MD5 and SHA-1 can be forged by whoever may ask for a
 * certificate. `parameters` are those of the algorithm identifier.
 */
export function signatureWeakness(oid: string, parameters: DerValue | undefined): string | undefined {
  if (strongSignatures.has(oid)) return undefined;
  if (oid !== rsaPssOid) return `signed with ${weakSignatures.get(oid) ?? `an algorithm that is not accepted (${oid})`}`;
  return hasStrongPssHash(parameters) ? undefined : 'signed with RSA-PSS over a hash weaker than SHA-256';
}

/** Whether a signature check with the key costs more than a client may ask for, or nobody knows how much. */
export function isCostlyKey(publicKey: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  // A curve without a name is one that its holder made up (CVE-2022-0778).
  const isOwnCurve = publicKey.asymmetricKeyType === 'ec' && namedCurve === undefined;
  return modulusLength > largestRsaBits || publicExponent > largestExponent || isOwnCurve;
}

const largestRsaBits = 8192;
// Checking a signature takes as long as the exponent has bits; 65537 is what everybody uses.
const largestExponent = 2n ** 32n;

const strongKinds: ReadonlySet<string> = new Set(['ed25519', 'ed448', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87']);

const strongCurves: ReadonlySet<string> = new Set([
  'prime256v1',
  'secp256k1',
  'secp384r1',
  'secp521r1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
]);

const rsaPssOid = '1.2.840.113549.1.1.10';

const strongSignatures: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', // RSA with SHA-256, -384, -512
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2', // ECDSA with SHA-256, -384, -512
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '2.16.840.1.101.3.4.3.10', // ECDSA with SHA3-256, -384, -512
  '2.16.840.1.101.3.4.3.11',
  '2.16.840.1.101.3.4.3.12',
  '2.16.840.1.101.3.4.3.14', // RSA with SHA3-256, -384, -512
  '2.16.840.1.101.3.4.3.15',
  '2.16.840.1.101.3.4.3.16',
  '1.3.101.112', // Ed25519, Ed448
  '1.3.101.113',
  '2.16.840.1.101.3.4.3.17', // ML-DSA-44, -65, -87
  '2.16.840.1.101.3.4.3.18',
  '2.16.840.1.101.3.4.3.19',
]);

const weakSignatures: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'MD5'],
  ['1.2.840.113549.1.1.5', 'SHA-1'],
  ['1.3.14.3.2.29', 'SHA-1'],
  ['1.2.840.10045.4.1', 'SHA-1'],
  ['1.2.840.10040.4.3', 'SHA-1'],
]);

const strongHashes: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1', // SHA-256, -384, -512
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
]);

function hasStrongPssHash(parameters: DerValue | undefined): boolean {
  return strongHashes.has(pssHashOid(parameters) ?? '');
}

/** RFC 4055 section 3.1: the hash is `[0]` of the parameters of RSA-PSS. Undefined where they leave it out, which means SHA-1. */
export function pssHashOid(parameters: DerValue | undefined): string | undefined {
  if (parameters?.tag !== 0x30) return undefined;
  const hash = readChildren(parameters).find(({ tag }) => tag === 0xa0);
  const algorithm = hash === undefined ? undefined : readChildren(hash)[0];
  return algorithm === undefined ? undefined : readOid(readChildren(algorithm)[0]);
}
