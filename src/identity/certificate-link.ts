import type { LeafFacts } from '../certificate/verdict.ts';
import type { Person } from './person.ts';

/** A certificate that somebody linked to their account. Times are milliseconds since 1970. */
export interface CertificateLink {
  /** SHA-256 of the DER, lower hex. */
  readonly fingerprint: string;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** When the certificate ends, and the link with it. */
  readonly notAfter: number;
  readonly linkedAt: number;
  /** Exact to an hour; undefined: never. */
  readonly lastUsedAt: number | undefined;
}

export interface LinkAttempt {
  readonly person: Person;
  readonly certificate: LeafFacts;
}

/** One certificate is one person's. */
export type LinkResult = 'linked' | 'already-yours' | 'of-another';
