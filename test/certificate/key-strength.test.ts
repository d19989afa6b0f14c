import { deepEqual, equal } from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { isCostlyKey, keyWeakness, signatureWeakness } from '../../src/certificate/key-strength.ts';
import type { DerValue } from '../../src/certificate/read-der.ts';
import { readDer } from '../../src/certificate/read-der.ts';
import { writeExplicit, writeOid, writeSequence } from '../../src/certificate/write-der.ts';

describe('signatureWeakness()', () => {
  const sha256 = '2.16.840.1.101.3.4.2.1';
  const sha1 = '1.3.14.3.2.26';
  const pss = '1.2.840.113549.1.1.10';
  const cases: readonly (readonly [what: string, oid: string, parameters: DerValue | undefined, expected: string | undefined])[] = [
    ['RSA with SHA-256', '1.2.840.113549.1.1.11', undefined, undefined],
    ['RSA with MD5', '1.2.840.113549.1.1.4', undefined, 'signed with MD5'],
    ['ECDSA with SHA-1', '1.2.840.10045.4.1', undefined, 'signed with SHA-1'],
    ['an unknown algorithm', '1.2.3', undefined, 'signed with an algorithm that is not accepted (1.2.3)'],
    ['RSA-PSS with SHA-256', pss, pssParameters(sha256), undefined],
    ['RSA-PSS with SHA-1', pss, pssParameters(sha1), 'signed with RSA-PSS over a hash weaker than SHA-256'],
    [
      'RSA-PSS that leaves the hash out, which means SHA-1',
      pss,
      readDer(writeSequence()),
      'signed with RSA-PSS over a hash weaker than SHA-256',
    ],
    ['RSA-PSS without parameters', pss, undefined, 'signed with RSA-PSS over a hash weaker than SHA-256'],
  ];
  for (const [what, oid, parameters, expected] of cases) {
    it(`judges ${what}`, () => {
      equal(signatureWeakness(oid, parameters), expected);
    });
  }
});

describe('keyWeakness()', () => {
  it('accepts keys of today', () => {
    for (const key of [
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
      generateKeyPairSync('ed25519', {}),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ])
      equal(keyWeakness(key.publicKey), undefined);
  });

  it('refuses RSA keys whose exponent makes a signature worthless, or dear to check', () => {
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const keyWith = (e: string): KeyObject => createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    deepEqual(
      ['Aw', 'AQAB', 'AQ', 'AgI', 'AQAAAAE'].map((e) => keyWeakness(keyWith(e))),
      [undefined, undefined, ...['1', '514', '4294967297'].map((e) => `an RSA key whose exponent is none that is accepted (${e})`)],
    );
    deepEqual([isCostlyKey(keyWith('AQAB')), isCostlyKey(keyWith('AQAAAAE'))], [false, true]);
  });

  it('refuses small keys, kinds that do not sign, and keys it cannot read', () => {
    equal(keyWeakness(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'an RSA key of 1024 bits where 2048 are the least');
    equal(
      keyWeakness(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey),
      'a key on the curve "secp224r1" where 256 bits are the least',
    );
    equal(keyWeakness(generateKeyPairSync('x25519', {}).publicKey), 'a key of a kind that is not accepted (x25519)');
    equal(keyWeakness(undefined), 'a key of a kind that is not accepted (unknown)');
  });
});

describe('isCostlyKey()', () => {
  it('is false for a key of ordinary size', () => {
    equal(isCostlyKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), false);
    equal(isCostlyKey(generateKeyPairSync('ed25519', {}).publicKey), false);
  });
});

function pssParameters(hash: string): DerValue {
  return readDer(writeSequence(writeExplicit(0, writeSequence(writeOid(hash)))));
}
