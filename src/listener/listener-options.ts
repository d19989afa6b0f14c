import type { InboundRules } from '../http/inbound-rules.ts';
import type { ConnectionLimits } from './connection-gate.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { TlsGroups } from './tls-groups.ts';

export interface ListenAddress {
  /** An IP literal, or empty for every address of the machine. */
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions {
  readonly addresses: readonly ListenAddress[];
  /** HTTP without TLS at these addresses: HTTP/1.1, and HTTP/2 with prior knowledge. */
  readonly insecure?: boolean | undefined;
  /** Connections to these addresses begin with a PROXY protocol header, and whoever it names is the peer. */
  readonly proxyProtocol?: boolean | undefined;
  /** HTTP/1.1 without TLS, where everybody is sent to `https://`. */
  readonly redirectAddress?: ListenAddress | undefined;
  /** Asked for each request; the strictest ones when left out. */
  readonly inboundRules?: (() => InboundRules) | undefined;
  /** Asked for each connection: a reload is in force with the next ClientHello. */
  readonly groups: () => TlsGroups;
  readonly handlers: ListenerHandlers;
  readonly limits?: Partial<ListenerLimits> | undefined;
  /** Asked for each connection; no limits when left out. */
  readonly connectionLimits?: (() => ConnectionLimits) | undefined;
  /** Other processes of this program listen at the same addresses, and the system shares connections out among them. */
  readonly reusePort?: boolean | undefined;
  /** Undefined: a session is resumed by the process that began it, and by no other. */
  readonly ticketSeed?: Uint8Array | undefined;
  /** How many descriptors the process may have open; undefined: unknown. */
  readonly maxDescriptors?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes reference ids; random UUIDs when left out. */
  readonly newId?: (() => string) | undefined;
}
