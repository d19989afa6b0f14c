import type { Anchor } from '../../certificate/ca-bundle.ts';
import type { X509Certificate } from 'node:crypto';

/** What a test presents: certificates of a file, or one to be made for the run. */
export type CertificateChoice =
  | { readonly kind: 'real'; readonly certificates: readonly X509Certificate[] }
  | ({ readonly kind: 'synthetic' } & SyntheticCertificate);

export interface SyntheticCertificate {
  /** Whose stand-in signs it; undefined: it signs itself. */
  readonly authority: Anchor | undefined;
  /** Types and values in certificate order. */
  readonly subject: readonly (readonly [type: string, value: string])[];
  readonly names: CertificateNames;
  /** Milliseconds since 1970; undefined: as long as its authority. */
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  /** Hex; undefined: any. */
  readonly serial: string | undefined;
  readonly purpose: 'client' | 'server';
  /** Authorities between it and the one it is of. */
  readonly intermediates: number;
}

export interface CertificateNames {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  readonly ip: readonly string[];
  readonly upn: readonly string[];
}
