import type { AccountLookup, CertificateMapper } from '../../src/certificate/certificate-mapping.ts';
import { compileCertificateIdentities } from '../../src/certificate/compile-certificate-identities.ts';
import type { LeafFacts, ValidCertificate } from '../../src/certificate/verdict.ts';
import type { CertificateIdentitySettings, CertificateLinkSettings } from '../../src/config/certificate-identity-settings.ts';
import { at } from './frozen-times.ts';

/** A rule `staff` that makes the e-mail address of the certificate one of corp.example, unless told otherwise. */
export function ruleOf(parts: Partial<CertificateIdentitySettings> = {}): CertificateIdentitySettings {
  return {
    name: 'staff',
    path: ['certificate_identities', 0],
    ca: undefined,
    from: 'san_email',
    match: undefined,
    to: 'email',
    domains: ['corp.example'],
    sameUsersAsProvider: false,
    groups: { kind: 'fixed', groups: [] },
    nameFrom: undefined,
    ...parts,
  };
}

export function linkOf(parts: Partial<CertificateLinkSettings>): CertificateLinkSettings {
  return { path: ['certificate_links', 0], subjectName: 'alice@corp.example', ca: undefined, user: undefined, email: undefined, ...parts };
}

export function patternOf(pattern: string): { readonly pattern: string; readonly place: readonly ['match'] } {
  return { pattern, place: ['match'] };
}

/** A certificate without any names, unless told otherwise. */
export function certificateOf(leaf: Partial<LeafFacts> = {}, anchorKeys: readonly string[] = ['key-a']): ValidCertificate {
  const names = { sanDns: [], sanEmail: [], sanUri: [], sanUpn: [], commonNames: [], organizations: [], organizationalUnits: [] };
  const facts = { ...names, subjectEmails: [], policyOids: [], ...leaf };
  const sans = [facts.sanDns, facts.sanEmail, facts.sanUri, facts.sanUpn].flat();
  return {
    kind: 'valid',
    leaf: {
      fingerprint: 'f0'.repeat(32),
      spkiHash: 'FsDbM0rUYIiL3V339eIKqiz6HPSB+Pz2WeAWhqlqh8U=',
      subject: 'CN=alice,O=Corp',
      issuer: 'CN=Corp CA',
      serial: '0A1B',
      notAfter: at,
      hasAlternativeNames: sans.length > 0,
      ...facts,
    },
    anchorSha256: 'a0'.repeat(32),
    anchorKeys,
    validUntil: at,
  };
}

/** Fails the test where there are problems. */
export function mapperOf(rules: readonly CertificateIdentitySettings[], links: readonly CertificateLinkSettings[] = []): CertificateMapper {
  const compiled = compileCertificateIdentities({ rules, links, at });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.mapper;
}

export function noAccount(): AccountLookup {
  return { kind: 'none' };
}
