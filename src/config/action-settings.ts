import type { SettingPath } from './problem.ts';
import type { Secret } from './secret.ts';
import type { CertificatePair, ForwardedForSettings, NamedText } from './settings.ts';

/** What an allowed request leads to. */
export type RouteActionSettings =
  | ({ readonly kind: 'forward' } & ForwardSettings)
  | ({ readonly kind: 'redirect' } & RedirectSettings)
  | { readonly kind: 'respond'; readonly status: number; readonly body: string };

export interface ForwardSettings {
  readonly to: readonly UpstreamSettings[];
  readonly tls: UpstreamTlsSettings;
  /** Undefined: the path goes on as it came. */
  readonly rewrite: PathRewriteSettings | undefined;
  readonly hostHeader: HostHeaderSettings;
  readonly upgrades: readonly UpgradeProtocol[];
  /** Milliseconds for the whole answer; 0: none. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte in either direction; 0: none. */
  readonly idleTimeoutMs: number;
  readonly rewriteResponseHeaders: readonly ResponseHeaderRewrite[];
  /** The upstream is a Kubernetes API: it gets this token and is told whom to impersonate. */
  readonly kubernetesToken: Secret<string> | undefined;
  readonly forwardedFor: ForwardedForSettings;
}

export type UpgradeProtocol = 'websocket' | 'spdy/3.1';

export interface UpstreamSettings {
  /** `http:`, `https:`, `h2c:` or `unix:`. */
  readonly url: URL;
  /** At least 1; all are 1 where none was written. */
  readonly weight: number;
}

export interface UpstreamTlsSettings {
  readonly skipVerify: boolean;
  /** SNI and expected name; undefined: the host of the URL. */
  readonly serverName: string | undefined;
  /** PEM, instead of the public roots and of `certificate_authority`. */
  readonly ca: NamedText | undefined;
  readonly clientCertificate: CertificatePair | undefined;
}

export type PathRewriteSettings =
  /** The matched prefix is replaced: that of `prefix`, the leading slash where there is none, the whole of what `path` or `regex` matched. */
  | { readonly kind: 'prefix'; readonly replacement: string; readonly place: SettingPath }
  | { readonly kind: 'regex'; readonly pattern: string; readonly substitution: string; readonly place: SettingPath };

/** Which `Host` the upstream gets. */
export type HostHeaderSettings =
  | { readonly kind: 'upstream' }
  | { readonly kind: 'preserve' }
  | { readonly kind: 'literal'; readonly host: string }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'path'; readonly pattern: string; readonly substitution: string; readonly place: SettingPath };

/** An answer's header that begins with `prefix` begins with `value` instead. */
export interface ResponseHeaderRewrite {
  readonly header: string;
  readonly prefix: string;
  readonly value: string;
}

/** Each part that is undefined stays as it was in the request. */
export interface RedirectSettings {
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: RedirectPathSettings | undefined;
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly stripQuery: boolean;
}

/** The whole path, which may hold a query of its own, or the part that the route's `prefix` matched. */
export type RedirectPathSettings =
  | { readonly kind: 'whole'; readonly path: string }
  | { readonly kind: 'prefix'; readonly replacement: string };
