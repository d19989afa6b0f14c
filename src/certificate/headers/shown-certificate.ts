import type { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../certificate-facts.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { isSignedBy, maxChain } from '../certification-path.ts';
import { readDistinguishedName } from '../distinguished-name.ts';
import { readDer } from '../read-der.ts';
import { nameForHeader } from './header-value.ts';

/** A presented certificate that was judged valid for the route, with what was presented beside it. */
export interface ShownCertificate {
  readonly leaf: X509Certificate;
  readonly chain: readonly X509Certificate[];
}

/** The same as the dialects write it. */
export interface WritableCertificate {
  readonly facts: CertificateFacts;
  /** Both as headers hold them. */
  readonly subject: string;
  readonly issuer: string;
  /** The authorities between the leaf and its root, each the issuer of the one before. */
  readonly issuers: readonly X509Certificate[];
}

/** Undefined for a certificate that can't be read, which is never a valid one. */
export function writableCertificate({ leaf, chain }: ShownCertificate): WritableCertificate | undefined {
  const facts = certificateFacts(leaf);
  if (facts === undefined) return undefined;
  const issuerName = readDistinguishedName(readDer(facts.issuerRaw));
  return { facts, subject: nameForHeader(facts.subjectName), issuer: nameForHeader(issuerName), issuers: issuersOf(facts, chain) };
}

/**
 * Only what leads up from the leaf. A client may present strangers beside its own certificate, and a reader that tries every certificate
 * of a list until one satisfies its own authorities would take the client for one of them. Roots are left out: some clients send theirs,
 * the TLS layer adds those it knows, and whoever trusts one has it (RFC 8446 section 4.4.2).
 */
function issuersOf(leaf: CertificateFacts, chain: readonly X509Certificate[]): readonly X509Certificate[] {
  const others = new Map<string, CertificateFacts>();
  for (const certificate of chain.slice(0, maxChain)) {
    const facts = certificateFacts(certificate);
    if (facts !== undefined && facts.sha256 !== leaf.sha256) others.set(facts.sha256, facts);
  }
  const issuers: X509Certificate[] = [];
  for (let issuer = takeIssuer(leaf, others); issuer !== undefined; issuer = takeIssuer(issuer, others)) issuers.push(issuer.certificate);
  return issuers;
}

function takeIssuer(below: CertificateFacts, others: Map<string, CertificateFacts>): CertificateFacts | undefined {
  const issuer = [...others.values()].find((other) => isIssuer(other, below));
  if (issuer !== undefined) others.delete(issuer.sha256);
  return issuer;
}

function isIssuer(issuer: CertificateFacts, below: CertificateFacts): boolean {
  const { isCa, subjectCanonical, issuerCanonical } = issuer;
  return isCa && subjectCanonical !== issuerCanonical && subjectCanonical === below.issuerCanonical && isSignedBy(below, issuer);
}
