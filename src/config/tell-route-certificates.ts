import type { CertificateDefaults } from './certificate-defaults.ts';
import type { CertificateIdentitySettings } from './certificate-identity-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { RouteSettings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';

/** A route as read and as written, and what it takes from the top level. */
export interface WrittenRoute {
  readonly read: RouteSettings;
  readonly raw: RawRoute;
  readonly defaults: CertificateDefaults;
}

/** What the keys about certificates of one route say against each other, or without something that they need. */
export function tellRouteCertificates(reading: Reading, route: WrittenRoute): void {
  const hasAuthority = isAuthorityWritten(reading, route);
  if (!hasAuthority) tellWithoutAuthority(reading, route);
  tellAuthentication(reading, route);
  tellFixedIdentities(reading, route);
  if (hasAuthority) tellBinding(reading, route);
  if (hasAuthority && route.read.clientCertificateMode !== 'none') tellEveryHost(reading, route);
  tellUseless(reading, route, hasAuthority);
}

function isAuthorityWritten(reading: Reading, { raw, read: { path }, defaults }: WrittenRoute): boolean {
  const keys = ['tls_downstream_client_ca', 'tls_downstream_client_ca_file'] as const;
  return defaults.isAuthorityWritten || keys.some((key) => raw[key] !== undefined || reading.isRefused([...path, key]));
}

const authorityAdvice = 'write tls_downstream_client_ca_file here, or ca_file in downstream_mtls';

function tellWithoutAuthority(reading: Reading, { read: { path, authentication, clientCertificateMode }, raw }: WrittenRoute): void {
  const miss = (key: string, value: string): void => {
    const place = [...path, key];
    reading.error(place, `${writePath(place)}: ${value} needs a client CA, or no certificate is ever valid: ${authorityAdvice}`, {
      code: 'missing-key',
    });
  };
  if (authentication !== 'session') miss('authentication', authentication);
  if (raw.client_certificate_mode !== undefined && clientCertificateMode === 'required') miss('client_certificate_mode', 'required');
}

/** A rule can tell that session and certificate are of one person when it gives out what the provider gives out as well. */
function tellsPerson({ from, to, sameUsersAsProvider }: CertificateIdentitySettings): boolean {
  return from === 'linked' || to === 'email' || sameUsersAsProvider;
}

function tellAuthentication(reading: Reading, { read, raw, defaults }: WrittenRoute): void {
  const { path, authentication, clientCertificateMode, certificateIdentities } = read;
  const place = [...path, 'authentication'];
  if (authentication === 'session') return;
  if (clientCertificateMode === 'none') {
    const mode = [...path, 'client_certificate_mode'];
    const message = `${writePath(place)}: ${authentication} looks at the certificate, and ${writePath(mode)} asks for none: remove one of them`;
    reading.error(place, message, { code: 'conflicting-keys' });
  }
  const isFixed = raw.anonymous_identity !== undefined || raw.default_identity !== undefined;
  if (!isFixed && !areIdentitiesWritten(reading, { read, raw, defaults })) {
    const others = authentication === 'both' ? '' : ', or anonymous_identity or default_identity of the route';
    const message = `${writePath(place)}: ${authentication} needs to know who a certificate stands for: write certificate_identities${others}`;
    reading.error(place, message, { code: 'missing-key' });
  }
  if (authentication === 'both') tellStrangers(reading, place, 'both', certificateIdentities);
}

function areIdentitiesWritten(reading: Reading, { read: { path }, raw, defaults }: WrittenRoute): boolean {
  if (raw.certificate_identities !== undefined) return raw.certificate_identities.length > 0;
  return defaults.areIdentitiesWritten || reading.isRefused([...path, 'certificate_identities']);
}

/** Two user ids of different worlds may be spelt alike and be different people. */
function tellStrangers(reading: Reading, place: SettingPath, value: string, rules: readonly CertificateIdentitySettings[]): void {
  const stranger = rules.find((rule) => !tellsPerson(rule));
  if (stranger === undefined) return;
  const rule = `the rule ${quoteValue(stranger.name)} of ${writePath(stranger.path)}${reading.mention(stranger.path)}`;
  const message = `${writePath(place)}: ${value} has to know whether session and certificate are of one person, and ${rule} gives out user ids of its own: write to: email there, or same_users_as_provider: true if they are those of the provider`;
  reading.error(place, message, { code: 'conflicting-keys' });
}

function tellFixedIdentities(reading: Reading, { read: { path, authentication }, raw }: WrittenRoute): void {
  if (authentication === 'client_certificate' || authentication === 'either' || reading.isRefused([...path, 'authentication'])) return;
  for (const key of ['anonymous_identity', 'default_identity'] as const) {
    if (raw[key] === undefined) continue;
    const place = [...path, key];
    const message = `${writePath(place)} means nothing with authentication: ${authentication}: write client_certificate or either there, or remove it`;
    reading.error(place, message, { code: 'conflicting-keys', part: 'key' });
  }
}

function tellBinding(reading: Reading, { read, raw, defaults }: WrittenRoute): void {
  const { path, bindSession, certificateIdentities, clientCertificateMode, authentication } = read;
  if (bindSession !== 'identity' || clientCertificateMode === 'none' || authentication === 'client_certificate') return;
  const place = raw.bind_session_to_certificate === undefined ? ['bind_session_to_certificate'] : [...path, 'bind_session_to_certificate'];
  tellStrangers(reading, place, 'identity', certificateIdentities);
  if (areIdentitiesWritten(reading, { read, raw, defaults })) return;
  const message = `${writePath(place)}: identity needs to know who a certificate stands for: write certificate_identities`;
  reading.error(place, message, { code: 'missing-key' });
}

/** Every name there is would ask for a certificate, that of the sign-in page included. */
function tellEveryHost(reading: Reading, { read: { path, host, from, clientCa } }: WrittenRoute): void {
  if (!/^[*.]+$/.test(host)) return;
  const place = [...path, 'from'];
  const ca = clientCa === undefined ? 'the client CA of downstream_mtls' : 'the client CA of the route';
  const message = `${writePath(place)} ${quoteValue(from)} is every host, and with ${ca} every host would ask for a certificate: write a domain, like https://*.corp.example, or client_certificate_mode: none`;
  reading.error(place, message, { code: 'conflicting-keys' });
}

const needAuthority = [
  ...(['bind_session_to_certificate', 'pass_client_certificate', 'certificate_denied_status', 'client_certificate_revocation'] as const),
] as const;

/** What is written on the route and changes nothing; of the top level it may be meant for other routes. */
function tellUseless(reading: Reading, { read, raw }: WrittenRoute, hasAuthority: boolean): void {
  const { path, authentication, clientCertificateMode: mode, bindSession } = read;
  const tell = (key: keyof RawRoute, reason: string): void => {
    if (raw[key] !== undefined) tellNoEffect(reading, [...path, key], reason);
  };
  const asksNobody = hasAuthority ? 'beside client_certificate_mode: none' : 'without a client CA';
  if (!hasAuthority || mode === 'none') for (const key of needAuthority) if (raw[key] !== false) tell(key, asksNobody);
  if (!hasAuthority && mode === 'optional') tell('client_certificate_mode', asksNobody);
  if (mode === 'none') for (const key of ['tls_downstream_client_ca', 'tls_downstream_client_ca_file'] as const) tell(key, asksNobody);
  if (authentication === 'session' && bindSession !== 'identity') tell('certificate_identities', 'with authentication: session');
  if (authentication === 'client_certificate' && raw.bind_session_to_certificate !== false)
    tell('bind_session_to_certificate', 'with authentication: client_certificate, which looks at no session');
}
