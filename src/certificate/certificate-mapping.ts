import type { ValidCertificate } from './verdict.ts';

/** Why a valid certificate is nobody, for the log and `explain`. */
export type MappingDetail =
  /** No rule is for its authority. */
  | 'no-rule'
  | 'no-value'
  | 'several-values'
  | 'domain-not-allowed'
  /** The value is no e-mail address, or holds what no user id may. */
  | 'value-refused';

/** Who the holder of a certificate is, by the rule that said so. */
export interface MappedIdentity {
  readonly rule: string;
  readonly user: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  /** What tells whether a session is of the same person; undefined: nothing does. */
  readonly sameBy: 'email' | 'user' | undefined;
}

/** An account that somebody linked the certificate to. */
export interface LinkedAccount {
  /** What the provider calls the person for good. */
  readonly user: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
}

/** `loading`: wait for `until` (it never rejects), then ask again. */
export type AccountLookup =
  | { readonly kind: 'account'; readonly account: LinkedAccount }
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

export type CertificateMapping =
  /** One object for as long as certificate, rules and account stay the same: others remember things by it. */
  | { readonly kind: 'mapped'; readonly identity: MappedIdentity }
  | { readonly kind: 'not-mapped'; readonly detail: MappingDetail; readonly explanation: string }
  | { readonly kind: 'loading'; readonly until: Promise<void> };

export interface CertificateMapper {
  /** Synchronous. `accountOf` finds the account that a fingerprint (SHA-256, lower hex) was linked to. */
  map(certificate: ValidCertificate, accountOf: (fingerprint: string) => AccountLookup): CertificateMapping;
}
