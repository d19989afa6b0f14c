import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateTrust } from './certificate-trust.ts';
import type { CertificationPath } from './certification-path.ts';
import { forbiddenName } from './name-constraints.ts';
import { checkRevocation } from './revocation.ts';
import type { RevocationQuestion } from './revocation-lookup.ts';
import type { CertificateDetail } from './verdict.ts';

export type PathFinding =
  /** `until` in milliseconds since 1970: the end of the first certificate or revocation list of the path to end. */
  | { readonly kind: 'passed'; readonly until: number }
  /** Valid as far as is known without the network, which was not asked yet. */
  | { readonly kind: 'unasked'; readonly questions: readonly RevocationQuestion[] }
  | PathProblem;

export interface PathProblem {
  readonly kind: 'refused';
  readonly detail: CertificateDetail;
  /** One sentence without a full stop: which certificate, what was found, what was allowed. */
  readonly explanation: string;
  /** How many checks the path passed before: the path that got furthest says what is wrong with a certificate. */
  readonly passed: number;
}

export interface PathRules extends CertificateTrust {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The first thing wrong with a path whose signatures are known to be right (RFC 5280 section 6.1), or that nothing is. A path that
 * is refused stays so however it is continued, but for its depth. Revocation comes last: the network is asked about nothing else than what holds.
 */
export function checkPath(path: CertificationPath, rules: PathRules): PathFinding {
  for (const [passed, { detail, check }] of checks.entries()) {
    const explanation = check(path, rules);
    if (explanation !== undefined) return { kind: 'refused', detail, explanation, passed };
  }
  const finding = checkRevocation(path, rules, rules.at);
  if (finding.kind === 'refused') return { ...finding, passed: checks.length };
  if (finding.kind === 'unasked') return finding;
  return { kind: 'passed', until: Math.min(finding.until, ...path.map(({ notAfter }) => notAfter)) };
}

interface PathCheck {
  readonly detail: CertificateDetail;
  readonly check: (path: CertificationPath, rules: PathRules) => string | undefined;
}

// In this order: is it a path at all, is it a path now, is it a path for this purpose.
const checks: readonly PathCheck[] = [
  { detail: 'unreadable', check: (path) => firstOf(path, unknownCritical) },
  { detail: 'unknown-ca', check: (path) => firstOf(path.slice(1), notAnIssuer) ?? tooManyBelow(path) },
  { detail: 'unknown-ca', check: weakSignature },
  { detail: 'wrong-purpose', check: (path) => firstOf(path, weakKey) },
  { detail: 'unknown-ca', check: nameNotPermitted },
  { detail: 'expired', check: (path, { at }) => firstOf(path, (facts) => expired(facts, at)) },
  { detail: 'not-yet-valid', check: (path, { at }) => firstOf(path, (facts) => notYetValid(facts, at)) },
  { detail: 'wrong-purpose', check: wrongPurpose },
  { detail: 'depth-exceeded', check: tooDeep },
  { detail: 'san-mismatch', check: wrongName },
];

function firstOf(path: CertificationPath, check: (facts: CertificateFacts) => string | undefined): string | undefined {
  for (const facts of path) {
    const explanation = check(facts);
    if (explanation !== undefined) return explanation;
  }
  return undefined;
}

function unknownCritical({ subject, unknownCritical: oids }: CertificateFacts): string | undefined {
  return oids.length === 0 ? undefined : `"${subject}" has a critical extension that is not understood (${oids.join(', ')})`;
}

function notAnIssuer({ subject, subjectName, isCa, keyUsage }: CertificateFacts): string | undefined {
  // RFC 5280 section 4.1.2.4. Every nameless authority would be the issuer of what every other signed.
  if (subjectName.length === 0) return 'an authority on the path has no name';
  if (!isCa) return `"${subject}" signed a certificate without being an authority (CA:FALSE)`;
  return keyUsage === undefined || keyUsage.keyCertSign
    ? undefined
    : `"${subject}" may not sign certificates (key usage without keyCertSign)`;
}

function tooManyBelow(path: CertificationPath): string | undefined {
  let below = 0;
  for (const facts of path.slice(1)) {
    if (facts.pathLength !== undefined && below > facts.pathLength)
      return `"${facts.subject}" allows ${facts.pathLength} authorities below itself, found ${below}`;
    // A certificate that an authority issued to itself, for a new key, doesn't count (RFC 5280 section 4.2.1.9).
    if (!isSelfIssued(facts)) below += 1;
  }
  return undefined;
}

function weakSignature(path: CertificationPath): string | undefined {
  // The anchor's own signature proves nothing and nobody relies on it: it is trusted because an operator listed it.
  return firstOf(path.slice(0, -1), ({ subject, signatureWeakness }) =>
    signatureWeakness === undefined ? undefined : `"${subject}" is ${signatureWeakness}`,
  );
}

function weakKey({ subject, keyWeakness }: CertificateFacts): string | undefined {
  return keyWeakness === undefined ? undefined : `"${subject}" has ${keyWeakness}`;
}

function nameNotPermitted(path: CertificationPath): string | undefined {
  for (const [index, { subject, nameConstraints }] of path.entries()) {
    if (nameConstraints === undefined) continue;
    for (const [place, below] of path.slice(0, index).entries()) {
      if (place > 0 && isSelfIssued(below)) continue;
      const name = forbiddenName(nameConstraints, below, place === 0);
      if (name !== undefined) return `"${subject}" may not certify ${name} of "${below.subject}" (name constraints)`;
    }
  }
  return undefined;
}

function isSelfIssued({ subjectRaw, issuerRaw }: CertificateFacts): boolean {
  return subjectRaw.equals(issuerRaw);
}

function expired({ subject, notAfter }: CertificateFacts, at: number): string | undefined {
  return at > notAfter ? `"${subject}" expired at ${new Date(notAfter).toISOString()}` : undefined;
}

function notYetValid({ subject, notBefore }: CertificateFacts, at: number): string | undefined {
  return at < notBefore ? `"${subject}" is not valid before ${new Date(notBefore).toISOString()}` : undefined;
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';

function wrongPurpose(path: CertificationPath, { requireClientAuthEku = false }: PathRules): string | undefined {
  for (const [index, { subject, extendedKeyUsage, keyUsage }] of path.entries()) {
    if (index === 0 && extendedKeyUsage === undefined && requireClientAuthEku)
      return `"${subject}" does not say what it is for, expected the extended key usage clientAuth (require_client_auth_eku)`;
    // On an authority "any" means any. On a leaf it is refused: it was not made for this.
    const allowed = extendedKeyUsage ?? [clientAuth];
    if (!allowed.includes(clientAuth) && !(index > 0 && allowed.includes(anyPurpose)))
      return `"${subject}" is for ${allowed.join(', ')}, expected clientAuth (${clientAuth})`;
    if (index === 0 && keyUsage !== undefined && !keyUsage.digitalSignature)
      return `"${subject}" may not sign a handshake (key usage without digitalSignature)`;
  }
  return undefined;
}

function tooDeep(path: CertificationPath, { maxVerifyDepth }: PathRules): string | undefined {
  const depth = path.length - 1;
  if (maxVerifyDepth === 0 || depth <= maxVerifyDepth) return undefined;
  return `"${path[0]?.subject}" is ${depth} certificates below the nearest authority that is trusted, allowed are ${maxVerifyDepth} (max_verify_depth)`;
}

function wrongName([leaf]: CertificationPath, { subjectAltNames }: PathRules): string | undefined {
  if (leaf === undefined || subjectAltNames === undefined || subjectAltNames.accepts(leaf.alternativeNames)) return undefined;
  const count = leaf.alternativeNames.length;
  const found = count === 0 ? 'has no subject alternative name' : `has ${count} subject alternative names, none of them accepted`;
  return `"${leaf.subject}" ${found} where one must match (match_subject_alt_names)`;
}
