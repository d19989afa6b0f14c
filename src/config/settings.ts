import type { HostPattern } from '../http/host-table.ts';
import type { Hostname } from '../http/hostname.ts';
import type { Locate, Problem, SettingPath } from './problem.ts';
import type { Secret } from './secret.ts';

/** A configuration as read: proven in shape, not yet in meaning (certificates, policies and expressions are compiled by the snapshot). */
export interface SettingsDocument {
  readonly settings: Settings;
  readonly warnings: readonly Problem[];
  readonly locate: Locate;
  /** Absolute names of the configuration file and of every file it names: what a reload has to watch. */
  readonly files: readonly string[];
}

export interface SocketAddress {
  /** An IP literal, or empty for every address of the machine. */
  readonly host: string;
  readonly port: number;
}

/** Text that was in the configuration or in a file named there; `label` is what an error calls it (a file name, or the key). */
export interface NamedText {
  readonly text: string;
  readonly label: string;
  readonly path: SettingPath;
}

export interface CertificatePair {
  readonly certificate: NamedText;
  readonly key: NamedText;
}

export interface Settings {
  readonly address: readonly SocketAddress[];
  /** `certificates`, then `certificate(_file)`; PEM texts. */
  readonly certificates: readonly CertificatePair[];
  readonly authenticate: AuthenticateSettings | undefined;
  readonly identityProvider: IdentityProviderSettings | undefined;
  readonly cookie: CookieSettings;
  /** 32 bytes; undefined when none was given: the snapshot makes one. */
  readonly sharedSecret: Secret<Buffer> | undefined;
  /** PEM, possibly several keys; undefined: derived from the shared secret. */
  readonly signingKey: Secret<NamedText> | undefined;
  readonly jwtClaimsHeaders: readonly ClaimHeader[];
  readonly downstreamMtls: DownstreamMtlsSettings;
  readonly metricsAddress: SocketAddress | undefined;
  readonly healthCheckAddress: SocketAddress;
  readonly logLevel: LogLevel;
  /** Absolute; undefined: sessions live in memory. */
  readonly stateDirectory: string | undefined;
  readonly routes: readonly RouteSettings[];
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface AuthenticateSettings {
  readonly url: URL;
  readonly hostname: Hostname;
}

export interface IdentityProviderSettings {
  readonly kind: 'oidc';
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: Secret<string>;
  readonly scopes: readonly string[];
}

export interface CookieSettings {
  readonly name: string;
  readonly secret: Secret<Buffer> | undefined;
  readonly domain: string | undefined;
  readonly httpOnly: boolean;
  readonly sameSite: 'Lax' | 'Strict' | 'None' | undefined;
  /** Lifetime of cookie and session. */
  readonly expireMs: number;
}

/** One entry of `jwt_claims_headers`: the header, as it will be spelt, and the claim it carries. */
export interface ClaimHeader {
  readonly header: string;
  readonly claim: string;
}

export type Enforcement = 'policy_with_default_deny' | 'policy' | 'reject_connection';

export interface DownstreamMtlsSettings {
  /** PEM bundle; also from `client_ca(_file)`. */
  readonly ca: NamedText | undefined;
  readonly enforcement: Enforcement;
  /** 0: unlimited. */
  readonly maxVerifyDepth: number;
}

export interface RouteSettings {
  /** Over the whole list: `policy:` first, then `routes:`. */
  readonly index: number;
  readonly path: SettingPath;
  readonly name: string | undefined;
  /** As written. */
  readonly from: string;
  readonly host: HostPattern;
  /** Undefined: any port. 443 counts as undefined (contract 4.1). */
  readonly port: number | undefined;
  readonly to: readonly URL[];
  readonly matcher: PathMatcherSettings;
  readonly access: AccessSettings;
  readonly clientCa: NamedText | undefined;
  readonly allowWebsockets: boolean;
  readonly preserveHostHeader: boolean;
  readonly passIdentityHeaders: boolean;
  readonly setRequestHeaders: readonly (readonly [name: string, value: string])[];
  readonly removeRequestHeaders: readonly string[];
  /** Milliseconds; 0: none; undefined: not written. */
  readonly timeoutMs: number | undefined;
}

export type PathMatcherSettings =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'regex'; readonly regex: string; readonly place: SettingPath };

/** Who may pass, as written; the policy room compiles it. */
export interface AccessSettings {
  readonly publicAccess: boolean;
  readonly anyAuthenticatedUser: boolean;
  readonly allowedUsers: readonly string[];
  readonly allowedDomains: readonly string[];
  /** The PPL document as plain data, undefined when there is none, and where it stands. */
  readonly policy: unknown;
  readonly policyPath: SettingPath;
}
