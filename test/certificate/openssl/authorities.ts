import { writeDer, writeExplicit, writeNull, writeSequence } from '../../../src/certificate/write-der.ts';
import type { Random } from '../../fuzz/random.ts';
import { at, future, past, valid } from '../frozen-times.ts';
import { general } from '../name-constraints-extension.ts';
import type { Change, Family } from './family.ts';
import { countBelow, keysOf, nameOf, serverAuth, withPathLength } from './family.ts';
import type { Keys } from './keys.ts';
import { policyConstraints } from './leaves.ts';
import { trustChanges } from './trust-changes.ts';
import type { CertificateForm } from './write-certificate.ts';

/** What can be wrong with the authorities of a chain, or unusual about them. */
export interface FamilyChange extends Change {
  /** Undefined: it can't be so in this family. */
  readonly change: (family: Family, random: Random) => Family | undefined;
}

export function familyChanges(keys: Keys): readonly FamilyChange[] {
  return [...everyAuthority(keys), ...issuedAuthorities(keys), ...pathChanges, ...trustChanges(keys)];
}

type FormChange = (form: CertificateForm, family: Family, random: Random) => Partial<CertificateForm>;

/** Of one authority of the path, the anchor included. */
function everyAuthority(keys: Keys): readonly FamilyChange[] {
  return [
    any('expired', past),
    any('is not valid yet', future),
    any('is CA:FALSE', { basicConstraints: { isCa: false } }),
    any('has neither basic constraints nor a key usage', { basicConstraints: undefined, keyUsage: undefined }),
    any('may not sign certificates', { keyUsage: [0, 6] }),
    any('is for servers only', { extendedKeyUsage: [serverAuth] }),
    any('has an unknown critical extension', { extensions: [{ oid: '1.2.3.4', critical: true, der: writeNull() }] }),
    any('has critical policy constraints', { extensions: [policyConstraints] }),
    any('has critical distribution points', { extensions: [{ ...distributionPoint, critical: true }] }),
    any('has a small RSA key', { key: keys.smallRsa }),
    fine('ends at this very second', { from: valid.from, to: new Date(at) }),
    fine('is for any purpose', { extendedKeyUsage: ['2.5.29.37.0'] }),
    fine('has distribution points', { extensions: [distributionPoint] }),
    ...rootAlone,
  ];
}

function any(name: string, change: Partial<CertificateForm>): FamilyChange {
  return onPath(`an authority ${name}`, 'any', () => change);
}

function fine(name: string, change: Partial<CertificateForm>): FamilyChange {
  return { ...any(name, change), isGood: true };
}

const rootAlone: readonly FamilyChange[] = [
  onPath('the root is of version 1', 'root', () => ({ version: 1 })),
  onPath('the root has no basic constraints, and may sign certificates', 'root', () => ({ basicConstraints: undefined, keyUsage: [5] })),
  { ...onPath('the root is signed over SHA-1', 'root', () => ({ hash: 'SHA-1' })), isGood: true },
  { ...onPath('the root was changed in its signature', 'root', () => ({ isChanged: true })), isGood: true },
];

const distributionPoint = {
  oid: '2.5.29.31',
  critical: false,
  der: writeSequence(writeSequence(writeExplicit(0, writeDer(0xa0, general.uri('http://crl.corp.test/'))))),
};

/** Of one authority of the path that another one signed. */
function issuedAuthorities(keys: Keys): readonly FamilyChange[] {
  return [
    issued('was changed', () => ({ isChanged: true })),
    issued('was signed with another key', (_, { authorities }, random) => ({ signedWith: keys.another(random, keysOf(authorities)) })),
    issued('names another issuer', () => ({ issuerName: nameOf('Somebody else') })),
    issued('is of version 1', () => ({ version: 1 })),
    issued('has no basic constraints, and may sign certificates', () => ({ basicConstraints: undefined, keyUsage: [5] })),
    issued('is signed over SHA-1', () => ({ hash: 'SHA-1' })),
  ];
}

function issued(name: string, change: FormChange): FamilyChange {
  return onPath(`an issued authority ${name}`, 'issued', change);
}

/** `issued` are those below the anchor, `root` is the anchor where it is one. */
function onPath(name: string, which: 'any' | 'issued' | 'root', change: FormChange): FamilyChange {
  return {
    name,
    isGood: false,
    change(family, random) {
      const { authorities, anchors } = family;
      const anchor = anchors[0] ?? 0;
      const levels = authorities.map((_, level) => level).filter((level) => level >= anchor && (which !== 'issued' || level > anchor));
      const level = which === 'root' ? 0 : levels[random.below(levels.length)];
      if (level === undefined || !levels.includes(level)) return undefined;
      const changed = changeAt(family, level, (form) => ({ ...form, ...change(form, family, random) }));
      // Ed25519 knows one hash.
      const signer = authorities[Math.max(level - 1, 0)];
      return changed.authorities[level]?.hash === 'SHA-1' && signer?.key.asymmetricKeyType === 'ed25519' ? undefined : changed;
    },
  };
}

function changeAt(family: Family, changed: number, change: (form: CertificateForm) => CertificateForm): Family {
  return { ...family, authorities: family.authorities.map((form, level) => (level === changed ? change(form) : form)) };
}

const pathChanges: readonly FamilyChange[] = [
  {
    name: 'an authority allows one less below itself',
    isGood: false,
    change(family, random) {
      const { authorities, anchors } = family;
      const levels = authorities
        .map((_, level) => level)
        .filter((level) => level >= (anchors[0] ?? 0) && countBelow(authorities, level) > 0);
      if (levels.length === 0) return undefined;
      const level = random.pick(levels);
      return changeAt(family, level, (form) => withPathLength(form, countBelow(authorities, level) - 1));
    },
  },
  {
    name: 'an authority has a name that the one above may not certify',
    isGood: false,
    change(family, random) {
      const { authorities, anchors, constraints } = family;
      const first = Math.max(constraints?.level ?? 0, anchors[0] ?? 0) + 1;
      const isOnPath = constraints !== undefined && constraints.level >= (anchors[0] ?? 0) && constraints.forms.includes('directory');
      if (!isOnPath || first >= authorities.length) return undefined;
      const level = first + random.below(authorities.length - first);
      // Those that issued themselves below it would be so no longer.
      if (authorities.some(({ subject }, index) => index > 0 && subject === authorities[index - 1]?.subject)) return undefined;
      return changeAt(family, level, (form) => ({ ...form, subject: nameOf(`Authority ${level}`, 'Evil') }));
    },
  },
  {
    name: 'an authority was not sent',
    isGood: false,
    change(family, random) {
      const levels = family.authorities.map((_, level) => level).filter((level) => level > (family.anchors[0] ?? 0));
      return levels.length === 0 ? undefined : { ...family, unsent: [...family.unsent, random.pick(levels)] };
    },
  },
];
