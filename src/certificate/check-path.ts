import type { CertificateFacts } from './certificate-facts.ts';
import type { TrustRules } from './certificate-trust.ts';
import type { CertificationPath } from './certification-path.ts';
import { forbiddenName } from './name-constraints.ts';
import { listFor, outOfForce, revokedBy } from './revocation.ts';
import type { CertificateDetail } from './verdict.ts';

export interface PathProblem {
  readonly detail: CertificateDetail;
  /** One sentence without a full stop: which certificate, what was found, what was allowed. */
  readonly explanation: string;
  /** How many checks the path passed before: the path that got furthest says what is wrong with a certificate. */
  readonly passed: number;
}

export interface PathRules extends TrustRules {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The first thing wrong with a path whose signatures are known to be right (RFC 5280 section 6.1); undefined when it is valid. */
export function checkPath(path: CertificationPath, rules: PathRules): PathProblem | undefined {
  for (const [passed, { detail, check }] of checks.entries()) {
    const explanation = check(path, rules);
    if (explanation !== undefined) return { detail, explanation, passed };
  }
  return undefined;
}

interface PathCheck {
  readonly detail: CertificateDetail;
  readonly check: (path: CertificationPath, rules: PathRules) => string | undefined;
}

// In this order: is it a path at all, is it a path now, is it a path for this purpose, is it taken back.
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
  // A list that is out of date says nothing, neither of the certificates on it nor of the others.
  { detail: 'crl-expired', check: (path, { crls, at }) => outOfForce(listFor(path, crls), at) },
  { detail: 'revoked', check: (path, { crls }) => revokedBy(listFor(path, crls), path) },
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

function notAnIssuer({ subject, isCa, keyUsage }: CertificateFacts): string | undefined {
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

function wrongPurpose(path: CertificationPath): string | undefined {
  for (const [index, { subject, extendedKeyUsage, keyUsage }] of path.entries()) {
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
