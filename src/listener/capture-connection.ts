import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Connection, PresentedCertificate } from '../http/connection.ts';
import type { Hostname } from '../http/hostname.ts';
import type { TlsGroup } from './tls-groups.ts';

/** One connection on its way through the handshake, as its ClientHello announced it. */
export interface Arrival {
  readonly id: number;
  readonly sniRaw: string | undefined;
  readonly hostname: Hostname | undefined;
  readonly group: TlsGroup;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * Everything that will ever be asked of the handshake, read once. The SNI is the one of the ClientHello: the socket's own is `false` on
 * resumption. Whether a certificate was presented is judged by its presence: the code for "none" is a misleading one, and `authorized`
 * has been true without a certificate on earlier versions of Node.
 */
export function captureConnection(socket: TLSSocket, arrival: Arrival): Connection {
  return {
    id: arrival.id,
    scheme: 'https',
    sniRaw: arrival.sniRaw,
    hostname: arrival.hostname,
    group: arrival.group.id,
    asked: arrival.group.asks,
    remoteAddress: arrival.remoteAddress,
    remotePort: arrival.remotePort,
    tlsVersion: socket.getProtocol() ?? 'unknown',
    resumed: socket.isSessionReused(),
    certificate: arrival.group.asks ? presentedCertificate(socket, arrival.group) : { kind: 'none' },
  };
}

function presentedCertificate(socket: TLSSocket, { namesAuthorities }: TlsGroup): PresentedCertificate {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return { kind: 'none' };
  return { kind: 'presented', leaf, chain: issuersOf(leaf), tlsVerdict: namesAuthorities ? tlsVerdict(socket) : undefined };
}

/** OpenSSL stops at a depth of 100; nobody needs half of that, and a self-signed certificate is its own issuer. */
const longestChain = 32;

function issuersOf(leaf: X509Certificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let issuer = leaf.issuerCertificate;
  while (issuer !== undefined && chain.length < longestChain) {
    chain.push(issuer);
    issuer = issuer.issuerCertificate === issuer ? undefined : issuer.issuerCertificate;
  }
  return chain;
}

function tlsVerdict(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Typed as an error, but it is the code alone.
  const code: unknown = socket.authorizationError;
  return typeof code === 'string' && code !== '' ? code : 'UNSPECIFIED';
}
