import type { PresentedCertificate } from '../http/connection.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { certificateFacts } from './certificate-facts.ts';
import { commonNameOid, emailAddressOid } from './distinguished-name.ts';
import type { GeneralName } from './general-name.ts';
import type { LeafFacts } from './verdict.ts';

/**
 * What was presented, as it is written, whether or not anybody vouches for it; undefined when there is nothing that can be read. No right may
 * come of it where the verdict isn't `valid`: anybody can write anything into a certificate. Remembered per certificate.
 */
export function presentedLeaf(presented: PresentedCertificate): LeafFacts | undefined {
  const facts = presented.kind === 'presented' ? certificateFacts(presented.leaf) : undefined;
  return facts === undefined ? undefined : leafFacts(facts);
}

/** The same of a certificate that was read already. Text that can't be decoded is left out. */
export function leafFacts(facts: CertificateFacts): LeafFacts {
  const known = remembered.get(facts);
  if (known !== undefined) return known;
  const made = readLeaf(facts);
  remembered.set(facts, made);
  return made;
}

const remembered = new WeakMap<CertificateFacts, LeafFacts>();

const organizationOid = '2.5.4.10';
const organizationalUnitOid = '2.5.4.11';

function readLeaf(facts: CertificateFacts): LeafFacts {
  const attributes = facts.subjectName.flat();
  const valuesOf = (oid: string): readonly string[] => attributes.flatMap(({ type, text }) => (type === oid ? (text ?? []) : []));
  const names = facts.alternativeNames;
  const texts = (kind: 'dns' | 'email' | 'uri'): readonly string[] =>
    names.filter((name): name is Extract<GeneralName, { text: string }> => name.kind === kind).map(({ text }) => text);
  return {
    fingerprint: facts.sha256,
    spkiHash: facts.spkiHash,
    subject: facts.subject,
    issuer: facts.issuer,
    serial: facts.serial,
    notAfter: facts.notAfter,
    commonNames: valuesOf(commonNameOid),
    organizations: valuesOf(organizationOid),
    organizationalUnits: valuesOf(organizationalUnitOid),
    subjectEmails: valuesOf(emailAddressOid),
    hasAlternativeNames: names.length > 0,
    sanDns: texts('dns'),
    sanEmail: texts('email'),
    sanUri: texts('uri'),
    sanUpn: names.flatMap((name) => (name.kind === 'other' ? (name.principalName ?? []) : [])),
    policyOids: facts.policyOids ?? [],
  };
}
