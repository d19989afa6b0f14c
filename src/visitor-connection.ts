import { readCertificateHeader } from './certificate/headers/read-certificate-header.ts';
import type { AcceptedCertificate, AcceptedDialect } from './config/certificate-header-settings.ts';
import type { Connection, PresentedCertificate } from './http/connection.ts';
import type { Inbound } from './http/inbound.ts';
import type { TlsGroups } from './listener/tls-groups.ts';
import { isInRange, parseAddress, parseAddressRange } from './policy/ip-address.ts';

/** Proxies in front that say what was presented to them, each in its dialect. */
export interface AcceptedProxies {
  /** The dialects that count from an address, each once; empty for everybody else. */
  dialectsFrom(address: string): readonly AcceptedDialect[];
}

/** `from` of every entry is proven. */
export function compileAcceptedProxies(accepted: readonly AcceptedCertificate[]): AcceptedProxies {
  const proxies = accepted.map(({ dialect, from }) => ({ dialect, ranges: from.flatMap((range) => parseAddressRange(range) ?? []) }));
  return {
    dialectsFrom(written) {
      const address = proxies.length === 0 ? undefined : parseAddress(written);
      if (address === undefined) return none;
      const known = proxies.filter(({ ranges }) => ranges.some((range) => isInRange(address, range)));
      // Two entries may be for one address: their dialect is still one header.
      return [...new Set(known.map(({ dialect }) => dialect))];
    },
  };
}

const none: readonly AcceptedDialect[] = [];

/**
 * The request over its visitor's own connection: the one it came by, or, from a proxy that is believed about certificates, the one that the
 * proxy tells of in a header. From such a peer only the header speaks, whatever its own certificate. Undefined when the header can't be read.
 */
export function visitorOf(
  inbound: Inbound,
  { proxies, groups }: { readonly proxies: AcceptedProxies; readonly groups: TlsGroups },
): Inbound | undefined {
  const dialects = proxies.dialectsFrom(inbound.connection.remoteAddress);
  if (dialects.length === 0) return inbound;
  let certificate: PresentedCertificate = { kind: 'none' };
  for (const dialect of dialects) {
    const read = readCertificateHeader(inbound.headers, dialect);
    // Two dialects that both tell of a certificate: one of them was slipped through.
    if (read.kind === 'refused' || (read.kind === 'presented' && certificate.kind === 'presented')) return undefined;
    if (read.kind === 'presented') certificate = read;
  }
  return { ...inbound, connection: asPresented(inbound, certificate, groups) };
}

/** The proxy asked its visitors for certificates in its own handshakes: to us its connections are of the group that the host wants. */
function asPresented({ connection, authority }: Inbound, certificate: PresentedCertificate, groups: TlsGroups): Connection {
  const group = groups.groupFor(authority.hostname);
  return { ...connection, hostname: authority.hostname, group: group.id, asked: group.asks, certificate };
}
