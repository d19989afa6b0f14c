import type { CertificateGroups, CertificateValue } from '../config/certificate-identity-settings.ts';
import type { LeafFacts } from './verdict.ts';

type GroupValue = Extract<CertificateGroups, { kind: 'from' }>['from'];

/** What an identity rule looks at: every value of that kind, each text once, as the certificate has it. */
export function certificateValues(leaf: LeafFacts, kind: CertificateValue | GroupValue): readonly string[] {
  return [...new Set(readers[kind](leaf))];
}

const readers: Readonly<Record<CertificateValue | GroupValue, (leaf: LeafFacts) => readonly string[]>> = {
  subject_cn: (leaf) => leaf.commonNames,
  subject_email: (leaf) => leaf.subjectEmails,
  subject_dn: (leaf) => [leaf.subject],
  subject_ou: (leaf) => leaf.organizationalUnits,
  subject_o: (leaf) => leaf.organizations,
  san_email: (leaf) => leaf.sanEmail,
  san_upn: (leaf) => leaf.sanUpn,
  san_dns: (leaf) => leaf.sanDns,
  san_uri: (leaf) => leaf.sanUri,
  serial: (leaf) => [leaf.serial],
  fingerprint: (leaf) => [leaf.fingerprint],
  spki: (leaf) => [leaf.spkiHash],
};

const asciiKinds: ReadonlySet<string> = new Set(['san_email', 'san_dns', 'san_uri']);

/**
 * Whether a value can be read in one way only. A NUL or a line end inside a name has been taken for the end of it (Envoy
 * CVE-2025-66220), direction and invisible characters make it look like another, a space at an end is lost in a header, and
 * the standard names are ASCII (RFC 5280 section 4.2.1.6): other bytes mean what the reader believes.
 */
export function isPlainValue(text: string, kind?: CertificateValue | GroupValue): boolean {
  if (kind !== undefined && asciiKinds.has(kind)) return /^[\x21-\x7e]+$/.test(text);
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\p{Zs}|\p{Zs}$/u.test(text);
}

/** A value for a sentence to the operator: cut, and with nothing in it that could write another line. */
export function quoteValue(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(cut).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
