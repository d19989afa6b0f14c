import type { PeerCertificate, SecureContext } from 'node:tls';
import type { Transport } from './transport.ts';

/** One URL of a route's `to`, with the connections kept open to it. */
export interface Endpoint {
  /** As configured, for log and errors. */
  readonly url: string;
  /** What `Host` says when the visitor's own isn't kept: `host[:port]` of the URL, `localhost` for a unix socket. */
  readonly host: string;
  readonly target: EndpointTarget;
  readonly transport: Transport;
}

export type EndpointTarget =
  | { readonly kind: 'tcp'; readonly hostname: string; readonly port: number }
  | { readonly kind: 'tls'; readonly hostname: string; readonly port: number; readonly tls: EndpointTls }
  | { readonly kind: 'unix'; readonly socketPath: string };

/** What every TLS connection to an endpoint is opened with, whoever opens it. */
export interface EndpointTls {
  /** The SNI; empty where the certificate is compared with an IP address, which RFC 6066 section 3 keeps out of it. */
  readonly servername: string;
  readonly secureContext: SecureContext;
  /** Always given: left out, a variable of the environment (`NODE_TLS_REJECT_UNAUTHORIZED`) would decide. */
  readonly rejectUnauthorized: boolean;
  /** Compares with the name expected of this endpoint, whatever name the connection was made by. */
  readonly checkServerIdentity: (hostname: string, certificate: PeerCertificate) => Error | undefined;
}
