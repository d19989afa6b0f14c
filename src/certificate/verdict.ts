import type { RevocationQuestion } from './revocation-lookup.ts';

/** What is wrong with a presented certificate, for the log and `explain`; a visitor never reads it. */
export type CertificateDetail =
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-ca'
  | 'wrong-purpose'
  | 'depth-exceeded'
  | 'san-mismatch'
  | 'revoked'
  | 'crl-expired'
  /** Nobody could say that it was not revoked, and a good word is required. */
  | 'revocation-unknown'
  | 'unreadable';

/** The outcome of judging what a connection presented against the CAs of one route. */
export type CertificateVerdict =
  | { readonly kind: 'no-authority' } // the route has no CA: there is nothing to judge
  | { readonly kind: 'none' } // the route has CAs, nothing was presented
  | {
      readonly kind: 'valid';
      readonly leaf: LeafFacts;
      /** SHA-256 of the anchor's DER, lower hex. */
      readonly anchorSha256: string;
      /** The keys of all authorities in the CA file that the certificate leads to, as `spkiHash`: the nearest first. */
      readonly anchorKeys: readonly string[];
      /** Milliseconds since 1970: the end of the shortest-lived certificate on the path, or of the revocation list that cleared the leaf. */
      readonly validUntil: number;
    }
  | {
      readonly kind: 'invalid';
      readonly detail: CertificateDetail;
      /** One sentence for the operator: which certificate, what was found, what was allowed. */
      readonly explanation: string;
      /** Undefined when the leaf could not be read. */
      readonly leaf: LeafFacts | undefined;
      /** Not empty: with answers to these, the verdict may be another one. Until then it is this. */
      readonly unasked?: readonly RevocationQuestion[];
    };

export type ValidCertificate = Extract<CertificateVerdict, { kind: 'valid' }>;

/** What the policy and the log may know of a leaf certificate. */
export interface LeafFacts {
  /** SHA-256 of the DER, lower hex. */
  readonly fingerprint: string;
  /** Standard base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiHash: string;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** Upper hex, even length. */
  readonly serial: string;
  readonly notAfter: number;
  /** Values of the subject, in its order. */
  readonly commonNames: readonly string[];
  readonly organizations: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly subjectEmails: readonly string[];
  /** Whether it has subject alternative names of whatever kind. */
  readonly hasAlternativeNames: boolean;
  readonly sanDns: readonly string[];
  readonly sanEmail: readonly string[];
  readonly sanUri: readonly string[];
  /** User principal names, as smart cards have them. */
  readonly sanUpn: readonly string[];
  /** Dotted numbers. */
  readonly policyOids: readonly string[];
}
