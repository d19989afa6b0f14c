import type { EscapedSlashes, HeaderUnderscores } from '../http/inbound-rules.ts';
import type { RedirectSettings } from './action-settings.ts';
import type { BearerFormat, SignatureAlgorithm } from './bearer-settings.ts';
import type { AcceptedDialect, CertificateDialect } from './certificate-header-settings.ts';
import type { Authentication, CertificateGroups, CertificateIdentitySettings, CertificateValue } from './certificate-identity-settings.ts';
import type { CertificateDeniedStatus, ClientCertificateMode, Enforcement, SubjectAltNamePattern } from './downstream-mtls-settings.ts';
import type { RevocationMode, RevocationSettings, RevocationSource } from './revocation-settings.ts';
import type { CookieSettings, JwtIssuerFormat, LogLevel, ProviderKind } from './settings.ts';

/** The words that a key takes, compared without case. Schema and reader share these lists. */
export const enforcements: readonly Enforcement[] = ['policy_with_default_deny', 'policy', 'reject_connection'];

export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

export const sameSites: readonly Exclude<CookieSettings['sameSite'], undefined>[] = ['Lax', 'Strict', 'None'];

export const providerKinds: readonly ProviderKind[] = ['oidc', 'auth0', 'azure', 'cognito', 'gitlab', 'google', 'okta', 'onelogin', 'ping'];

export const escapedSlashActions: readonly EscapedSlashes[] = [
  'reject_request',
  'keep_unchanged',
  'unescape_and_redirect',
  'unescape_and_forward',
];

export const underscoreActions: readonly HeaderUnderscores[] = ['reject_request', 'allow', 'drop_header'];

export const issuerFormats: readonly JwtIssuerFormat[] = ['hostOnly', 'uri'];

export const storageTypes: readonly ('memory' | 'file')[] = ['memory', 'file'];

export const subjectAltNameTypes: readonly SubjectAltNamePattern['type'][] = ['dns', 'email', 'ip_address', 'uri', 'user_principal_name'];

export const redirectSchemes: readonly ('http' | 'https')[] = ['http', 'https'];

export const redirectStatuses: readonly RedirectSettings['status'][] = [301, 302, 303, 307, 308];

export const bearerFormats: readonly BearerFormat[] = ['default', 'idp_access_token', 'idp_identity_token', 'jwt'];

export const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

export const authentications: readonly Authentication[] = ['session', 'client_certificate', 'either', 'both'];

export const certificateModes: readonly ClientCertificateMode[] = ['required', 'optional', 'none'];

export const deniedStatuses: readonly CertificateDeniedStatus[] = [495, 401, 403];

export const certificateValues: readonly CertificateValue[] = [
  'subject_cn',
  'subject_email',
  'subject_dn',
  'san_email',
  'san_upn',
  'san_dns',
  'san_uri',
  'serial',
  'fingerprint',
  'spki',
];

export const identitySources: readonly CertificateIdentitySettings['from'][] = [...certificateValues, 'linked'];

export const identityTargets: readonly CertificateIdentitySettings['to'][] = ['email', 'user'];

export const groupSources: readonly Extract<CertificateGroups, { readonly kind: 'from' }>['from'][] = [
  'subject_ou',
  'subject_o',
  'san_uri',
];

export const signInMethods: readonly ('idp' | 'client_certificate')[] = ['idp', 'client_certificate'];

export const certificateDialects: readonly CertificateDialect[] = [
  'rfc9440',
  'xfcc',
  'nginx',
  'x_ssl_client',
  'x_client',
  'traefik',
  'aws_alb',
  'cloudflare',
  'apache',
  'haproxy',
];

export const acceptedDialects: readonly AcceptedDialect[] = ['xfcc', 'nginx', 'traefik', 'rfc9440'];

export const revocationModes: readonly RevocationMode[] = ['skip', 'ignore_ca_error', 'strict'];

export const revocationSources: readonly RevocationSource[] = ['crl_file', 'crl_distribution_points', 'ocsp'];

export const revocationChecks: readonly RevocationSettings['check'][] = ['leaf', 'chain'];
