import type { HostPattern } from '../http/host-table.ts';
import type { Hostname } from '../http/hostname.ts';
import type { InboundRules } from '../http/inbound-rules.ts';
import type { RouteActionSettings } from './action-settings.ts';
import type { BearerSettings, TokenIssuerSettings } from './bearer-settings.ts';
import type { CertificateSettings, DownstreamMtlsSettings, RouteCertificateSettings } from './downstream-mtls-settings.ts';
import type { Locate, Problem, SettingPath } from './problem.ts';
import type { Ignore } from './read-ignores.ts';
import type { NamedFile } from './reading.ts';
import type { Secret } from './secret.ts';

/** A configuration as read: proven in shape, not yet in meaning (certificates, policies and expressions are compiled by the snapshot). */
export interface SettingsDocument {
  readonly settings: Settings;
  readonly warnings: readonly Problem[];
  readonly locate: Locate;
  /** Absolute names of the configuration file and of every file it names: what a reload has to watch. */
  readonly files: readonly string[];
  /** The files that settings name, by the setting. */
  readonly namedFiles: readonly NamedFile[];
  /** The warnings that comments ask not to be told. */
  readonly ignores: readonly Ignore[];
  /** `people` and `tests` as written, for `postern test`; whoever serves does not look at them. */
  readonly tests: { readonly people: unknown; readonly tests: unknown };
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

export interface Settings extends CertificateSettings {
  readonly address: readonly SocketAddress[];
  /** The listener speaks HTTP without TLS, because something in front of it ends TLS. */
  readonly insecureServer: boolean;
  /** A listener without TLS that sends everybody to `https://`. */
  readonly httpRedirectAddress: SocketAddress | undefined;
  /** Connections begin with a PROXY protocol header, and whoever it names is the peer. */
  readonly useProxyProtocol: boolean;
  readonly timeouts: ListenerTimeouts;
  readonly capacity: CapacitySettings;
  readonly inboundRules: InboundRules;
  readonly forwardedFor: ForwardedForSettings;
  /** PEM: trusted beside the public roots, for the provider and for upstreams without CAs of their own. */
  readonly certificateAuthority: NamedText | undefined;
  /** `certificates`, then `certificate(_file)`; PEM texts. */
  readonly certificates: readonly CertificatePair[];
  readonly authenticate: AuthenticateSettings | undefined;
  readonly identityProvider: IdentityProviderSettings | undefined;
  readonly cookie: CookieSettings;
  /** Bearer tokens on pages of our own; routes have theirs. */
  readonly bearer: BearerSettings;
  /** Whose tokens count where a bearer token is a `jwt`. */
  readonly tokenIssuers: readonly TokenIssuerSettings[];
  /** 32 bytes each; the first seals and signs, all open and verify. Empty: one is made at random. */
  readonly sharedSecrets: readonly Secret<Buffer>[];
  /** PEM, possibly several keys; undefined: derived from the shared secret. */
  readonly signingKey: Secret<NamedText> | undefined;
  /** How the assertion names its issuer, on paths of our own; routes have theirs. */
  readonly jwtIssuerFormat: JwtIssuerFormat;
  readonly jwtClaimsHeaders: readonly ClaimHeader[];
  readonly downstreamMtls: DownstreamMtlsSettings;
  /** Undefined: metrics are not served. */
  readonly metrics: MetricsSettings | undefined;
  readonly healthCheckAddress: SocketAddress;
  /** How many processes serve; `auto`: one for each core. */
  readonly workers: number | 'auto';
  readonly logLevel: LogLevel;
  /** Further fields of a request's log line, named as Pomerium names them: `user-agent`, `headers.X-Team`. */
  readonly logFields: readonly string[];
  /** Where people go after they signed out. */
  readonly signOutRedirectUrl: URL | undefined;
  /** Hosts that a programmatic login may return to; `localhost` stands for every loopback name and address. */
  readonly programmaticRedirectDomains: readonly string[];
  readonly runtimeFlags: RuntimeFlags;
  /** Absolute; undefined: sessions live in memory. */
  readonly stateDirectory: string | undefined;
  readonly routes: readonly RouteSettings[];
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** How much is taken on at once; 0: no limit. */
export interface CapacitySettings {
  readonly connections: number;
  /** Of one IPv4 address, or of one /64 of IPv6. */
  readonly connectionsPerPeer: number;
  /** Upgraded connections and streams included. */
  readonly requests: number;
}

/** Milliseconds; 0: none. */
export interface ListenerTimeouts {
  /** Bounds the head of a request as a whole, and the silence between two pieces of its body. */
  readonly readMs: number;
  /** How long one request and its answer may take in all. */
  readonly writeMs: number;
  /** How long a connection may be without a request. */
  readonly idleMs: number;
}

export interface ForwardedForSettings {
  /** Whether the peer is appended to `X-Forwarded-For`. */
  readonly append: boolean;
  /** How many proxies in front are believed about `X-Forwarded-Proto` and about the address in the log; never in a policy. */
  readonly trustedHops: number;
}

export interface MetricsSettings {
  readonly address: SocketAddress;
  /** `user:password`. */
  readonly basicAuth: Secret<string> | undefined;
  /** Undefined: HTTP without TLS. */
  readonly certificate: CertificatePair | undefined;
  /** Whoever reads metrics needs a certificate of these CAs. */
  readonly clientCa: NamedText | undefined;
}

export type JwtIssuerFormat = 'hostOnly' | 'uri';

/** Those of Pomerium's switches that mean something here. */
export interface RuntimeFlags {
  /** `/.pomerium/jwt` is served. */
  readonly jwtEndpoint: boolean;
  /** Changed files are read again; SIGHUP always works. */
  readonly configHotReload: boolean;
}

export interface AuthenticateSettings {
  readonly url: URL;
  readonly hostname: Hostname;
}

export interface IdentityProviderSettings {
  readonly kind: ProviderKind;
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: Secret<string>;
  readonly scopes: readonly string[];
  /** Further parameters of the request that sends somebody to the provider. */
  readonly requestParams: Readonly<Record<string, string>>;
  /** People of every tenant of Azure can sign in; what such a tenant says of an e-mail address, its administrator made up at will. */
  readonly anyTenant: boolean;
}

/** Providers of OpenID Connect that have defaults of their own. */
export type ProviderKind = 'auth0' | 'azure' | 'cognito' | 'gitlab' | 'google' | 'oidc' | 'okta' | 'onelogin' | 'ping';

export interface CookieSettings {
  readonly name: string;
  /** Like `sharedSecrets`. */
  readonly secrets: readonly Secret<Buffer>[];
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

export interface RouteSettings extends RouteCertificateSettings {
  /** Over the whole list: `policy:` first, then `routes:`. */
  readonly index: number;
  readonly path: SettingPath;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** As written. */
  readonly from: string;
  readonly host: HostPattern;
  /** Undefined: any port. 443 counts as undefined. */
  readonly port: number | undefined;
  readonly action: RouteActionSettings;
  readonly matcher: PathMatcherSettings;
  readonly access: AccessSettings;
  /** Where a certificate alone lets people in: whether pages of other sites may use it, too. */
  readonly allowCrossSite: boolean;
  readonly bearer: BearerSettings;
  readonly clientCa: NamedText | undefined;
  readonly passIdentityHeaders: boolean;
  readonly jwtIssuerFormat: JwtIssuerFormat;
  readonly setRequestHeaders: readonly (readonly [name: string, value: string])[];
  readonly removeRequestHeaders: readonly string[];
  /** Set on every answer of the route: the global ones, or Pomerium's defaults, with the route's own over them. */
  readonly setResponseHeaders: readonly (readonly [name: string, value: string])[];
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
  /** `allowed_idp_claims`: any of the values of any of the claims. */
  readonly allowedClaims: readonly (readonly [claim: string, values: readonly (string | number | boolean)[]])[];
  readonly corsPreflight: boolean;
  /** The PPL document as plain data, undefined when there is none, and where it stands. */
  readonly policy: unknown;
  readonly policyPath: SettingPath;
}
