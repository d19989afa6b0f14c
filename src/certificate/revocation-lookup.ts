import type { CertificateFacts } from './certificate-facts.ts';

/** A certificate whose standing is asked for, and the authority that issued it. Both were proven to be what they say. */
export interface RevocationQuestion {
  readonly certificate: CertificateFacts;
  readonly issuer: CertificateFacts;
}

/** What sources on the network said of one certificate. Plain, and one object for as long as nothing else is known. */
export type RevocationStatus =
  /** Nobody was asked lately. */
  | { readonly kind: 'unasked' }
  /** It names no source that may be asked. */
  | { readonly kind: 'no-source' }
  | { readonly kind: 'good' }
  /** `source` is a URL. */
  | { readonly kind: 'revoked'; readonly source: string }
  /** The responder does not know the certificate: it may be a forgery with a stolen key. */
  | { readonly kind: 'unknown'; readonly source: string }
  /** No answer that counts: none in time, an error, one that can't be read, of the wrong signer, or out of date. */
  | { readonly kind: 'unreachable'; readonly source: string; readonly explanation: string };

/** The network as the judge sees it: answers that are there already, as values. The judge never waits. */
export interface RevocationLookup {
  /** What is known at `at` (milliseconds since 1970) from one source; asks nobody. */
  statusOf(question: RevocationQuestion, source: 'crl_distribution_points' | 'ocsp', at: number): RevocationStatus;
  /**
   * Asks where nothing is known. Settles within the configured time-out and never rejects; afterwards `statusOf` is not `unasked` for a
   * while, whatever came of it.
   */
  ask(question: RevocationQuestion): Promise<void>;
}
