import type { Connection } from './connection.ts';
import type { HeaderList } from './header-list.ts';
import type { Authority } from './hostname.ts';
import type { CanonicalPath, TargetRefusal } from './path.ts';

/** A request as one plain value: everything a decision may look at, in canonical form. Its body travels beside it, in an `Exchange`. */
export interface Inbound {
  /** The reference id: in the log line, on every page of ours, and sent to the upstream as `X-Request-Id`. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly protocol: 'http/1.0' | 'http/1.1' | 'h2';
  readonly method: string;
  readonly authority: Authority;
  /** `Host` or `:authority` as written. */
  readonly rawAuthority: string;
  readonly path: CanonicalPath;
  /** With its leading `?`; empty when there is none. */
  readonly query: string;
  /** As received, without pseudo-header fields and without `Host`. */
  readonly headers: HeaderList;
  /** The `Upgrade` token in lower case when the client asks to switch protocols. */
  readonly upgrade: string | undefined;
  readonly connection: Connection;
}

/** Why a request was refused before it had a route. */
export type InboundReason = TargetRefusal | 'host-invalid' | 'header-underscore' | 'header-duplicate';

export interface InboundRefusal {
  readonly kind: 'refused';
  readonly id: string;
  readonly receivedAt: number;
  readonly reason: InboundReason;
  /** For the log; never shown to the visitor. */
  readonly method: string;
  readonly rawAuthority: string | undefined;
  readonly rawTarget: string;
  readonly headers: HeaderList;
  readonly connection: Connection;
}
