import type { HostPattern, HostTable } from '../http/host-table.ts';
import { buildHostTable, isWildcard } from '../http/host-table.ts';
import { parseHostname } from '../http/hostname.ts';
import type { DownstreamMtlsSettings } from './downstream-mtls-settings.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';
import type { RouteSettings } from './settings.ts';

type Settled = Pick<DownstreamMtlsSettings, 'enforcement' | 'ca'>;

/**
 * With `reject_connection` the handshake decides, and it knows the host and not the path: a route that takes no for an answer and one that
 * does not can't share a host, or one of the two would be served otherwise than it says.
 */
export function tellCertificateHosts(reading: Reading, routes: readonly RouteSettings[], { enforcement, ca }: Settled): void {
  if (enforcement !== 'reject_connection') return;
  const table = buildHostTable(routes.map((value) => ({ host: value.host, port: value.port, value })));
  const strict = routes.filter((route) => isStrict(route, ca !== undefined));
  const lenient = routes.filter((route) => isLenient(route));
  for (const route of lenient) {
    const other = strict.find((each) => shareHost(table, each, route));
    if (other !== undefined) tellConflict(reading, route, other);
  }
}

function isLenient({ clientCertificateMode: mode, anonymousIdentity }: RouteSettings): boolean {
  return mode === 'none' || mode === 'optional' || anonymousIdentity !== undefined;
}

function isStrict({ clientCertificateMode: mode, anonymousIdentity, clientCa }: RouteSettings, hasGlobalCa: boolean): boolean {
  if (anonymousIdentity !== undefined) return false;
  return mode === 'required' || (mode === undefined && (hasGlobalCa || clientCa !== undefined));
}

function tellConflict(reading: Reading, route: RouteSettings, other: RouteSettings): void {
  // Without a mode of its own, `optional` comes from the authentication.
  const key = [...route.path, 'client_certificate_mode'];
  const otherFrom = [...other.path, 'from'];
  const says =
    other.clientCertificateMode === undefined ? 'where a certificate is required, because it has a client CA' : 'where one is required';
  const message = `${writePath(key)}: ${route.clientCertificateMode ?? 'optional, because of anonymous_identity,'} can't be kept with enforcement: reject_connection, because the host is also that of ${writePath(otherFrom)}${reading.mention(otherFrom)}, ${says}, and a handshake knows no paths: give one of them another host`;
  reading.error(key, message, { code: 'conflicting-keys' });
}

function shareHost(table: HostTable<RouteSettings>, one: RouteSettings, other: RouteSettings): boolean {
  if (one.host === other.host) return true;
  if (isWildcard(one.host) && isWildcard(other.host)) return overlap(one.host, other.host);
  const [name, pattern] = isWildcard(one.host) ? [other, one] : [one, other];
  const hostname = parseHostname(name.host);
  return hostname !== undefined && table.match(hostname).includes(pattern);
}

/** Whether some name fits both patterns; at most the product of both lengths. */
function overlap(one: HostPattern, other: HostPattern): boolean {
  let row = new Set([0]);
  // Of `other`, how many characters may have been passed once so much of `one` has been; an asterisk may pass any of them.
  const widen = (at: ReadonlySet<number>): Set<number> => {
    const reached = new Set(at);
    for (const index of reached) if (other[index] === '*') reached.add(index + 1);
    return reached;
  };
  for (const character of one) {
    const from = widen(row);
    row = new Set();
    for (const index of from) {
      if (character === '*') for (let further = index; further <= other.length; further += 1) row.add(further);
      else if (other[index] === '*') row.add(index);
      else if (other[index] === character) row.add(index + 1);
    }
  }
  return widen(row).has(other.length);
}
