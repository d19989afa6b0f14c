import type { KeyObject } from 'node:crypto';
import type { RawExtension } from '../../../src/certificate/issue-certificate.ts';
import { writeDer, writeNull, writeSequence } from '../../../src/certificate/write-der.ts';
import type { Random } from '../../fuzz/random.ts';
import { at, future, past, valid } from '../frozen-times.ts';
import type { Change, Family } from './family.ts';
import { clientAuth, drawDates, drawExtensions, nameOf, serverAuth } from './family.ts';
import type { Keys } from './keys.ts';
import { goodNames } from './leaf-names.ts';
import type { CertificateForm, Name } from './write-certificate.ts';
import { emailAddress } from './write-certificate.ts';

/** A certificate that every good family may issue to a client. */
export function goodLeaf(random: Random, keys: Keys, family: Family): CertificateForm {
  const hasKeyIds = family.authorities.at(-1)?.hasKeyIds ?? !random.oneIn(3);
  const key = keys.another(random, usedKeys(family));
  const subject = nameOf('alice');
  const isTrustedItself = family.authorities.length === 0;
  // One of version 1 has no room for extensions: it is for everything, and no authority.
  const version = random.oneIn(12) && !isTrustedItself && !hasKeyIds ? 1 : 3;
  return {
    subject: random.oneIn(4) ? [...subject, [emailAddress, 'alice@corp.test']] : subject,
    key,
    ...drawDates(random),
    version,
    // OpenSSL and we take authorities alone into the list of what is trusted.
    basicConstraints: isTrustedItself ? { isCa: true } : random.pick([undefined, { isCa: false }, { isCa: false }, { isCa: true }]),
    keyUsage: random.pick([undefined, [0], [0], [0, 2], [0, 5]]),
    extendedKeyUsage: random.pick([undefined, [clientAuth], [clientAuth], [serverAuth, clientAuth]]),
    alternativeNames: [...goodNames.values()].filter(() => random.oneIn(3)),
    extensions: drawExtensions(random),
    hasKeyIds,
    hash: 'SHA-256',
  };
}

function usedKeys({ authorities }: Family): readonly KeyObject[] {
  return authorities.map(({ key }) => key);
}

/** What can be wrong with a leaf, or unusual about it. */
export interface LeafChange extends Change {
  /** Undefined: it can't be so in this family. */
  readonly change: (leaf: CertificateForm, family: Family, random: Random) => Partial<CertificateForm> | undefined;
}

export function leafChanges(keys: Keys): readonly LeafChange[] {
  return [
    always('expired', past),
    always('expired a second ago', { from: valid.from, to: new Date(at - 1000) }),
    always('is not valid yet', future),
    always('is not valid until the next second', { from: new Date(at + 1000), to: valid.to }),
    { ...always('ends at this very second', { from: valid.from, to: new Date(at) }), isGood: true },
    always('is for servers only', { extendedKeyUsage: [serverAuth] }),
    always('is for any purpose only', { extendedKeyUsage: ['2.5.29.37.0'] }),
    always('is for e-mail and code only', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.3'] }),
    always('may encipher keys only', { keyUsage: [2] }),
    always('may agree on keys only', { keyUsage: [4] }),
    always('may sign certificates only', { keyUsage: [5], basicConstraints: { isCa: true } }),
    always('has an unknown critical extension', { extensions: [{ oid: '1.2.3.4', critical: true, der: writeNull() }] }),
    always('has critical policy constraints', { extensions: [policyConstraints] }),
    always('has a small RSA key', { key: keys.smallRsa }),
    always('has a key on a small curve', { key: keys.smallCurve }),
    ...issuedChanges(keys),
  ];
}

function always(name: string, changed: Partial<CertificateForm>): LeafChange {
  return { name: `the leaf ${name}`, isGood: false, change: ({ version }) => (version === 3 ? changed : undefined) };
}

export const policyConstraints: RawExtension = { oid: '2.5.29.36', critical: true, der: writeSequence(writeDer(0x80, Buffer.of(0))) };
/** Of certificates that somebody else signed. */
function issuedChanges(keys: Keys): readonly LeafChange[] {
  const issued = (name: string, change: LeafChange['change'], isGood = false): LeafChange => ({
    name: `the leaf ${name}`,
    isGood,
    change: (leaf, family, random) => (family.authorities.length === 0 ? undefined : change(leaf, family, random)),
  });
  const another = (family: Family, random: Random): KeyObject => keys.another(random, usedKeys(family));
  return [
    issued('was changed', () => ({ isChanged: true })),
    issued('was signed with another key', (_, family, random) => ({ signedWith: another(family, random) })),
    issued('signed itself', (leaf) => ({ signedWith: leaf.key })),
    issued('names another issuer', () => ({ issuerName: nameOf('Somebody else') })),
    issued('is signed over SHA-1', (_, { authorities }) =>
      authorities.at(-1)?.key.asymmetricKeyType === 'ed25519' ? undefined : { hash: 'SHA-1' },
    ),
    // As an anchor OpenSSL takes it, and reads neither of the two.
    issued('has an extension twice', ({ version }) => (version === 3 ? { keyUsage: [0], extensions: [secondKeyUsage] } : undefined)),
    issued('names its issuer in other letters', (_, family) => ({ issuerName: inOtherLetters(issuerOf(family)) }), true),
    issued('has the name of its issuer', (leaf, family) => (leaf.hasKeyIds ? { subject: issuerOf(family) } : undefined), true),
    issued(
      'names another key of its issuer',
      (leaf, family, random) => (leaf.hasKeyIds && leaf.version === 3 ? { namedKey: another(family, random) } : undefined),
      true,
    ),
  ];
}

const secondKeyUsage = { oid: '2.5.29.15', critical: true, der: writeDer(0x03, Buffer.of(7, 0x80)) };

function issuerOf({ authorities }: Family): Name {
  return authorities.at(-1)?.subject ?? [];
}

function inOtherLetters(name: Name): Name {
  return name.map(([oid, text]) => [oid, ` ${text.toUpperCase().replace(' ', '  ')}`] as const);
}
