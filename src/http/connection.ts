import type { X509Certificate } from 'node:crypto';
import type { Hostname } from './hostname.ts';

/** Names a set of hosts whose TLS handshakes are alike: same CA set, same request mode, same minimum version. */
export type TlsGroupId = string;

/** What the client presented in the handshake. Whether it is worth anything is judged per route, never here. */
export type PresentedCertificate =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'presented';
      readonly leaf: X509Certificate;
      /** The further certificates the client sent, as far as the TLS layer shows them; neither the leaf nor an order is promised. */
      readonly chain: readonly X509Certificate[];
      /** The TLS layer's own verdict over the CA set of the group: undefined when it found nothing wrong, or knew no authority. A second opinion only. */
      readonly tlsVerdict: string | undefined;
    };

/** Captured once, when the handshake is done. The socket is never asked again: its answers change (renegotiation, resumption). */
export interface Connection {
  /** Counted from 1 within the process; for the log. */
  readonly id: number;
  /** `http` for a connection without TLS, which has no SNI, no group that asks and no certificate. */
  readonly scheme: 'http' | 'https';
  /** As it stood in the ClientHello, before any normalisation; undefined when none was sent. */
  readonly sniRaw: string | undefined;
  /** Canonical; undefined when no SNI was sent or it was no host name. */
  readonly hostname: Hostname | undefined;
  /** The group that served the handshake. */
  readonly group: TlsGroupId;
  /** Whether that group asked for a certificate. */
  readonly asked: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** `TLSv1.2`, `TLSv1.3`; empty without TLS. */
  readonly tlsVersion: string;
  readonly resumed: boolean;
  readonly certificate: PresentedCertificate;
}
