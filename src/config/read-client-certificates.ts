import type { CertificateSettings } from './downstream-mtls-settings.ts';
import type { RawSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';

/** What the top level says of client certificates, beside `downstream_mtls`. */
export function readClientCertificates(_reading: Reading, _raw: RawSettings): CertificateSettings {
  return {
    certificateIdentities: [],
    certificateLinks: [],
    certificateAuthorities: [],
    acceptedCertificates: [],
    certificateSignIn: undefined,
    signInWithCertificate: false,
  };
}
