import type { CertificateDefaults } from './certificate-defaults.ts';
import { readCertificateIdentities } from './certificate-identities.ts';
import { authentications, certificateModes } from './choices.ts';
import { readDeniedStatus } from './denied-status.ts';
import type { RouteCertificateSettings } from './downstream-mtls-settings.ts';
import { readFixedIdentity } from './fixed-identity.ts';
import { readPassedCertificates } from './passed-certificates.ts';
import type { SettingPath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import { readChoice } from './read-value.ts';
import { readRevocation } from './read-revocation.ts';
import type { Reading } from './reading.ts';
import { readSessionBinding } from './session-binding.ts';

/** What one route says of client certificates; what it leaves out it takes from the top level. */
export function readRouteCertificates(
  reading: Reading,
  route: RawRoute,
  path: SettingPath,
  defaults: CertificateDefaults,
): RouteCertificateSettings {
  const at = (key: string): SettingPath => [...path, key];
  const { authentication: way, client_certificate_mode: mode, certificate_denied_status: status } = route;
  const { certificate_identities: identities, pass_client_certificate: passed, client_certificate_revocation: revocation } = route;
  const authentication = readChoice(reading, at('authentication'), { text: way, words: authentications }) ?? 'session';
  const written =
    mode === undefined ? undefined : readChoice(reading, at('client_certificate_mode'), { text: mode, words: certificateModes });
  const binding = readSessionBinding(reading, at('bind_session_to_certificate'), route.bind_session_to_certificate);
  return {
    // Where a session will do, nobody has to have a certificate.
    clientCertificateMode: written ?? (authentication === 'either' ? 'optional' : undefined),
    certificateDeniedStatus:
      (status === undefined ? undefined : readDeniedStatus(reading, at('certificate_denied_status'), status)) ?? defaults.deniedStatus,
    revocation: revocation === undefined ? defaults.revocation : readRevocation(reading, at('client_certificate_revocation'), revocation),
    authentication,
    certificateIdentities:
      identities === undefined ? defaults.identities : readCertificateIdentities(reading, at('certificate_identities'), identities),
    anonymousIdentity: readFixedIdentity(reading, at('anonymous_identity'), route.anonymous_identity),
    defaultIdentity: readFixedIdentity(reading, at('default_identity'), route.default_identity),
    // Where no certificate is valid there is nothing to bind to, and no session would ever count.
    bindSession: binding === 'off' || written === 'none' || !hasAuthority(route, defaults) ? undefined : (binding ?? defaults.bindSession),
    passClientCertificate: passed === undefined ? defaults.passed : readPassedCertificates(reading, at('pass_client_certificate'), passed),
    passClientCertificatePath: passed === undefined ? ['pass_client_certificate'] : at('pass_client_certificate'),
  };
}

/** Of its own or of the top level; one that can't be read is one all the same. */
function hasAuthority(route: RawRoute, { isAuthorityWritten }: CertificateDefaults): boolean {
  return isAuthorityWritten || route.tls_downstream_client_ca !== undefined || route.tls_downstream_client_ca_file !== undefined;
}
