import type { HeaderList } from '../../http/header-list.ts';
import type { WritableCertificate } from './shown-certificate.ts';

/** One convention of telling an upstream about a client certificate. */
export interface HeaderDialect {
  /** The headers for a valid certificate. `chain`: with the further certificates, where the dialect has a place for them. */
  write(certificate: WritableCertificate, chain: boolean): HeaderList;
  /** What is said where there is no valid certificate: nothing, or that there is none. */
  readonly withoutCertificate: HeaderList;
}
