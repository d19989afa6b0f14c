import type { Dispatcher } from 'undici';

/** One URL of a route's `to`, with the connections kept open to it. */
export interface Endpoint {
  /** As configured, for log and errors. */
  readonly url: string;
  /** What `Host` says when the visitor's own isn't kept: `host[:port]` of the URL, `localhost` for a unix socket. */
  readonly host: string;
  /** The path of the URL without a trailing slash; empty when it has none. */
  readonly basePath: string;
  readonly target: EndpointTarget;
  readonly dispatcher: Dispatcher;
}

export type EndpointTarget =
  | { readonly kind: 'tcp'; readonly hostname: string; readonly port: number }
  /** `servername` is the SNI and the name the certificate must carry; empty for an IP literal, which is compared with the IP SANs. */
  | { readonly kind: 'tls'; readonly hostname: string; readonly port: number; readonly servername: string }
  | { readonly kind: 'unix'; readonly socketPath: string };
