import type { PassedCertificate } from './certificate-header-settings.ts';
import { readCertificateIdentities } from './certificate-identities.ts';
import type { CertificateIdentitySettings, SessionBindingMode } from './certificate-identity-settings.ts';
import { readDeniedStatus } from './denied-status.ts';
import type { CertificateDeniedStatus } from './downstream-mtls-settings.ts';
import { readPassedCertificates } from './passed-certificates.ts';
import type { RawSettings } from './raw-settings.ts';
import { readRevocation } from './read-revocation.ts';
import type { Reading } from './reading.ts';
import type { RevocationSettings } from './revocation-settings.ts';
import { usualRevocation } from './revocation-settings.ts';
import { readSessionBinding } from './session-binding.ts';

/** What routes take from the top level about client certificates where they do not speak for themselves. */
export interface CertificateDefaults {
  readonly identities: readonly CertificateIdentitySettings[];
  /** Written at all, though it may not be possible to read them: then they are not missing. */
  readonly areIdentitiesWritten: boolean;
  readonly isAuthorityWritten: boolean;
  readonly bindSession: SessionBindingMode | undefined;
  readonly passed: readonly PassedCertificate[];
  readonly deniedStatus: CertificateDeniedStatus;
  readonly revocation: RevocationSettings;
}

/** To be called once for a configuration, because it tells the problems of these keys. */
export function readCertificateDefaults(reading: Reading, raw: RawSettings): CertificateDefaults {
  const { certificate_denied_status: status, revocation } = raw.downstream_mtls;
  const identities = raw.certificate_identities ?? [];
  const binding = readSessionBinding(reading, ['bind_session_to_certificate'], raw.bind_session_to_certificate);
  return {
    identities: readCertificateIdentities(reading, ['certificate_identities'], identities),
    areIdentitiesWritten: identities.length > 0 || reading.isRefused(['certificate_identities']),
    isAuthorityWritten: isAuthorityWritten(reading, raw),
    bindSession: binding === 'off' ? undefined : binding,
    passed: readPassedCertificates(reading, ['pass_client_certificate'], raw.pass_client_certificate ?? []),
    deniedStatus: readDeniedStatus(reading, ['downstream_mtls', 'certificate_denied_status'], status) ?? 495,
    revocation: revocation === undefined ? usualRevocation : readRevocation(reading, ['downstream_mtls', 'revocation'], revocation),
  };
}

function isAuthorityWritten(reading: Reading, raw: RawSettings): boolean {
  const { ca, ca_file: file } = raw.downstream_mtls;
  if ([ca, file, raw.client_ca, raw.client_ca_file].some((text) => text !== undefined)) return true;
  const places = [['downstream_mtls', 'ca'], ['downstream_mtls', 'ca_file'], ['client_ca'], ['client_ca_file']];
  return places.some((place) => reading.isRefused(place));
}
