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
    };

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
  readonly sanDns: readonly string[];
  readonly sanEmail: readonly string[];
  readonly sanUri: readonly string[];
}
