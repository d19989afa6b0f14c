import type { EscapedSlashes, HeaderUnderscores } from '../http/inbound-rules.ts';
import type { RedirectSettings } from './action-settings.ts';
import type { BearerFormat, SignatureAlgorithm } from './bearer-settings.ts';
import type { Enforcement, SubjectAltNamePattern } from './downstream-mtls-settings.ts';
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
