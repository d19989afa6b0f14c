import type { Socket } from 'node:net';
import { isIPv6, SocketAddress } from 'node:net';

/** Who is at the other end, as far as TCP or a PROXY header says. */
export interface PeerAddress {
  /** In its one canonical form; an IPv4-mapped IPv6 address is the IPv4 one (policies compare them). */
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Undefined when the peer is gone already: a closed socket does not know its addresses any more. */
export function peerAddress({ remoteAddress, remotePort }: Socket): PeerAddress | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return { remoteAddress: canonicalAddress(remoteAddress), remotePort };
}

/** Takes an IPv4 or IPv6 literal, without brackets. */
export function canonicalAddress(address: string): string {
  // A zone is of the machine that wrote it; the canonical form would lose it.
  const isPlainIpv6 = isIPv6(address) && !address.includes('%');
  const canonical = isPlainIpv6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
  return canonical.startsWith(mappedPrefix) && canonical.includes('.') ? canonical.slice(mappedPrefix.length) : canonical;
}

const mappedPrefix = '::ffff:';
