import type { KeyObject } from 'node:crypto';
import type { RawExtension } from '../../../src/certificate/issue-certificate.ts';
import { writeDer, writeNull, writeOid, writeSequence } from '../../../src/certificate/write-der.ts';
import type { Random } from '../../fuzz/random.ts';
import { at, valid } from '../frozen-times.ts';
import { general, nameConstraints } from '../name-constraints-extension.ts';
import type { Keys } from './keys.ts';
import type { CertificateForm, Name } from './write-certificate.ts';

/** Authorities of which many certificates come, and what of them is trusted and sent along. */
export interface Family {
  /** The root first; none where the certificates are trusted themselves. */
  readonly authorities: readonly CertificateForm[];
  /** Which of them are trusted, the nearest to the root first. */
  readonly anchors: readonly number[];
  /** Trusted as well, and of no use. */
  readonly otherAnchors: readonly CertificateForm[];
  /** Those that are not sent: what is trusted, and what is missing. */
  readonly unsent: readonly number[];
  /** Sent as well, and of no use. */
  readonly alsoSent: readonly CertificateForm[];
  readonly constraints: Constraints | undefined;
  /** Whether a path may end at a trusted certificate that another authority signed. */
  readonly allowPartialChain: boolean;
  /** How many authorities a path may have; 0: any number. */
  readonly maxDepth: number;
}

/** Something that is wrong with a chain, or unusual about it and right. */
export interface Change {
  readonly name: string;
  /** By RFC 5280, and by docs/client-certificates.md where that is narrower. */
  readonly isGood: boolean;
}

/** The forms of names that an authority constrains, all to names that good certificates have. */
export interface Constraints {
  readonly level: number;
  readonly forms: readonly NameForm[];
  /** Whether some names among the permitted ones are excluded. */
  readonly excludes: boolean;
}

export type NameForm = 'dns' | 'email' | 'uri' | 'ip' | 'directory';

export const clientAuth = '1.3.6.1.5.5.7.3.2';
export const serverAuth = '1.3.6.1.5.5.7.3.1';

export const organization: string = '2.5.4.10';
export const commonName: string = '2.5.4.3';

/** What a good chain may be like: whatever is drawn here is allowed by RFC 5280, together with all the rest. */
export function goodFamily(random: Random, keys: Keys, number: number): Family {
  const depth = 1 + random.below(5);
  const hasKeyIds = !random.oneIn(3);
  const forms: CertificateForm[] = [];
  for (let level = 0; level < depth; level += 1) {
    const key = keys.another(
      random,
      forms.map((form) => form.key),
    );
    const above = forms.at(-1);
    // Without the names of keys there is no telling it from the one above: a row of its own says what comes of that.
    const isSelfIssued = above !== undefined && hasKeyIds && random.oneIn(8);
    const subject = isSelfIssued ? above.subject : nameOf(`Authority ${number}.${level}`);
    forms.push(goodAuthority(random, { subject, key, hasKeyIds }));
  }
  const constraints = random.oneIn(2) ? drawConstraints(random, depth) : undefined;
  const authorities = forms.map((form, level) => {
    const roomy = { ...form, basicConstraints: { isCa: true, ...drawPathLength(random, forms, level) } };
    return constraints?.level === level ? { ...roomy, extensions: [...roomy.extensions, constraining(constraints)] } : roomy;
  });
  return { authorities, constraints, allowPartialChain: true, maxDepth: 0, ...drawTrust(random, keys, authorities) };
}

/** Certificates that are trusted themselves. */
export const noAuthorities: Family = {
  authorities: [],
  anchors: [],
  otherAnchors: [],
  unsent: [],
  alsoSent: [],
  constraints: undefined,
  allowPartialChain: true,
  maxDepth: 0,
};

/** How many authorities below this one count against its path length (RFC 5280 section 4.2.1.9). */
export function countBelow(authorities: readonly CertificateForm[], level: number): number {
  return authorities.filter(({ subject }, index) => index > level && subject !== authorities[index - 1]?.subject).length;
}

export function nameOf(name: string, company = 'Corp'): Name {
  return [
    [organization, company],
    [commonName, name],
  ];
}

function goodAuthority(random: Random, given: Pick<CertificateForm, 'subject' | 'key' | 'hasKeyIds'>): CertificateForm {
  return {
    ...given,
    ...drawDates(random),
    version: 3,
    basicConstraints: { isCa: true },
    keyUsage: random.pick([[5, 6], [5, 6], [0, 5, 6], [5], undefined]),
    extendedKeyUsage: random.pick([undefined, undefined, undefined, [clientAuth], [serverAuth, clientAuth]]),
    alternativeNames: [],
    extensions: drawExtensions(random),
    hash: 'SHA-256',
  };
}

/** Both ends of a validity belong to it; OpenSSL thinks otherwise of the second, so that one is a row of its own. */
export function drawDates(random: Random): Pick<CertificateForm, 'from' | 'to'> {
  return random.pick([
    valid,
    valid,
    { from: new Date(at), to: valid.to },
    { from: new Date('1970-01-01'), to: new Date('2060-01-01') },
    { from: valid.from, to: new Date(at + 1000) },
  ]);
}

export function drawExtensions(random: Random): readonly RawExtension[] {
  return random.pick([
    [],
    [],
    [{ oid: '1.3.6.1.4.1.99999.1', critical: false, der: writeNull() }],
    [{ oid: '2.5.29.32', critical: random.oneIn(2), der: writeSequence(writeSequence(writeOid('2.5.29.32.0'))) }],
    [{ oid: '2.5.29.36', critical: false, der: writeSequence(writeDer(0x80, Buffer.of(5))) }],
  ]);
}

function drawPathLength(random: Random, authorities: readonly CertificateForm[], level: number): { readonly pathLength?: number } {
  const below = countBelow(authorities, level);
  return random.pick([{}, { pathLength: below }, { pathLength: below + 1 }]);
}

function drawConstraints(random: Random, depth: number): Constraints {
  const forms = nameForms.filter(() => random.oneIn(2));
  return { level: random.below(depth), forms: forms.length === 0 ? [random.pick(nameForms)] : forms, excludes: random.oneIn(2) };
}

const nameForms: readonly NameForm[] = ['dns', 'email', 'uri', 'ip', 'directory'];

function constraining({ forms, excludes }: Constraints): RawExtension {
  return nameConstraints(
    forms.flatMap((form) => bases[form].permitted),
    excludes ? forms.flatMap((form) => bases[form].excluded) : [],
  );
}

const bases: Readonly<Record<NameForm, { readonly permitted: readonly Buffer[]; readonly excluded: readonly Buffer[] }>> = {
  dns: { permitted: [general.dns('corp.test'), general.dns('other.test')], excluded: [general.dns('no.corp.test')] },
  email: { permitted: [general.email('corp.test'), general.email('bob@other.test')], excluded: [general.email('mallory@corp.test')] },
  uri: { permitted: [general.uri('.corp.test'), general.uri('other.test')], excluded: [general.uri('no.corp.test')] },
  ip: { permitted: [general.ip(10, 0, 0, 0, 255, 0, 0, 0)], excluded: [general.ip(10, 66, 0, 0, 255, 255, 0, 0)] },
  directory: { permitted: [general.organization('Corp')], excluded: [general.organization('Evil')] },
};

type Trust = Pick<Family, 'anchors' | 'otherAnchors' | 'unsent' | 'alsoSent'>;

function drawTrust(random: Random, keys: Keys, authorities: readonly CertificateForm[]): Trust {
  const last = authorities.length - 1;
  const nearest = random.oneIn(4) ? random.below(authorities.length) : 0;
  const stranger = selfSigned(random, keys, nameOf('Stranger'));
  return {
    anchors: [nearest],
    otherAnchors: random.oneIn(3) ? [stranger] : [],
    // What is above an anchor is not needed, and the anchor itself may be sent or not.
    unsent: authorities
      .map((_, level) => level)
      .filter((level) => level < nearest || (level === nearest && (random.oneIn(2) || last === 0))),
    alsoSent: random.oneIn(3) ? [stranger, selfSigned(random, keys, nameOf('Another'))] : [],
  };
}

export function selfSigned(random: Random, keys: Keys, subject: Name, others: readonly KeyObject[] = []): CertificateForm {
  return { ...goodAuthority(random, { subject, key: keys.another(random, others), hasKeyIds: true }), ...valid };
}

export function keysOf(authorities: readonly CertificateForm[]): readonly KeyObject[] {
  return authorities.map(({ key }) => key);
}

/** The number of a path length, in a certificate whose other parts are right. */
export function withPathLength(form: CertificateForm, pathLength: number): CertificateForm {
  return { ...form, basicConstraints: { isCa: true, pathLength } };
}
