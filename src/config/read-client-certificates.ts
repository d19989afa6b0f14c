import { readAcceptedCertificates } from './accepted-certificates.ts';
import { readCertificateLinks } from './certificate-links.ts';
import type { SignInSurroundings } from './certificate-sign-in.ts';
import { readCertificateSignIn } from './certificate-sign-in.ts';
import type { CertificateSettings } from './downstream-mtls-settings.ts';
import { readNamedAuthorities } from './named-authorities.ts';
import type { RawSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';

/** What the top level says of client certificates, beside `downstream_mtls`; the rules themselves come with the defaults of routes. */
export function readClientCertificates(reading: Reading, raw: RawSettings, surroundings: SignInSurroundings): CertificateSettings {
  return {
    certificateIdentities: surroundings.defaults.identities,
    certificateLinks: readCertificateLinks(reading, raw),
    certificateAuthorities: readNamedAuthorities(reading, raw),
    acceptedCertificates: readAcceptedCertificates(reading, raw),
    ...readCertificateSignIn(reading, raw, surroundings),
  };
}
