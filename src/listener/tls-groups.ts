import { createHash, X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { TlsGroupId } from '../http/connection.ts';
import type { HostPattern } from '../http/host-table.ts';
import { buildHostTable, isWildcard } from '../http/host-table.ts';
import type { Hostname } from '../http/hostname.ts';
import { parseHostname } from '../http/hostname.ts';
import { keepAtMost } from './keep-at-most.ts';
import type { CertificateProblem, NamedServerCertificate, ServerCertificate } from './server-certificates.ts';
import { readServerCertificates } from './server-certificates.ts';
import { contextOptions, minTlsVersion } from './tls-options.ts';

/** What one route wants of the handshakes for its host. Demands of one host are united. */
export interface HostDemand {
  readonly host: HostPattern;
  /** Undefined: any. A handshake does not know it; it says whether requests for the host can reach wildcards too. */
  readonly port: number | undefined;
  /** PEM, one certificate each, already proven. */
  readonly anchors: readonly string[];
  readonly mode: TlsMode;
}

export type TlsMode = 'none' | 'request' | 'require';

export interface TlsGroup {
  /** A hash of CA set, mode, minimum version and what the TLS layer makes of the set: the same across reloads and processes. */
  readonly id: TlsGroupId;
  readonly asks: boolean;
  /** The handshake fails without a valid certificate. */
  readonly requires: boolean;
  /** The handshake names the CAs. Where it does not, the TLS layer knows none of them, and what it says of a certificate means nothing. */
  readonly namesAuthorities: boolean;
  /** Whether the TLS layer takes any anchor for the end of a path, or self-signed ones alone. */
  readonly allowsPartialChain: boolean;
  /** PEM, in the order of their hashes. Empty when the group does not ask. */
  readonly anchors: readonly string[];
}

export interface TlsGroups {
  /** The group of a host; the one that asks for nothing where nobody demanded anything, and without a host name. */
  groupFor(hostname: Hostname | undefined): TlsGroup;
  /** The context of a group with the certificate that fits the host. */
  secureContextFor(group: TlsGroup, hostname: Hostname | undefined): SecureContext;
  /** For the table at start-up: one row for each host of the configuration, in its order. */
  describe(): readonly TlsGroupRow[];
  /** Served where no certificate of the configuration fits. */
  readonly fallback: ServerCertificate;
}

export interface TlsGroupRow {
  readonly host: HostPattern | Hostname;
  readonly group: TlsGroupId;
  readonly mode: TlsMode;
  /** SHA-256 of each CA, lower hex. */
  readonly anchors: readonly string[];
}

export interface TlsGroupsInput {
  readonly hosts: readonly HostDemand[];
  readonly certificates: readonly NamedServerCertificate[];
  /** Hosts that never ask, whatever a wildcard says: the authenticate host. */
  readonly plainHosts: readonly Hostname[];
  readonly fallback: ServerCertificate;
  /** Whether handshakes name the CAs whose certificates are wanted. */
  readonly sendCaNames: boolean;
  /** Whether any certificate of a CA file ends a path, as far as the TLS layer has a say. */
  readonly allowPartialChain: boolean;
}

export type TlsGroupsResult =
  | { readonly ok: true; readonly groups: TlsGroups }
  | { readonly ok: false; readonly problems: readonly CertificateProblem[] };

/** Compiles who is asked for which certificates. Uses the host table of the routes, so the two can't disagree about a name. */
export function buildTlsGroups(input: TlsGroupsInput): TlsGroupsResult {
  const { hosts, certificates, plainHosts, fallback } = input;
  const read = readServerCertificates(certificates);
  if (!read.ok) return read;
  const table = buildHostTable(hosts.map((demand) => ({ host: demand.host, port: demand.port, value: demand })));
  const plain = new Set<Hostname>(plainHosts);
  const unite = createUnion(input);
  const none = unite([]);
  const byHost = new Map<Hostname, UnitedGroup>();
  const contexts = new Map<string, SecureContext>();

  function groupFor(hostname: Hostname | undefined): UnitedGroup {
    if (hostname === undefined || plain.has(hostname)) return none;
    const known = byHost.get(hostname);
    if (known !== undefined) return known;
    const demands = table.match(hostname);
    return demands.length === 0 ? none : keepAtMost(rememberedHosts, byHost, hostname, unite(demands));
  }

  function secureContextFor(group: TlsGroup, hostname: Hostname | undefined): SecureContext {
    const chosen = read.ok ? read.chooser.choose(hostname) : undefined;
    const key = `${group.id} ${chosen ?? 'fallback'}`;
    const made = contexts.get(key);
    if (made !== undefined) return made;
    const pair = chosen === undefined ? fallback : (certificates[chosen] ?? fallback);
    return keepAtMost(rememberedHosts, contexts, key, createSecureContext(contextOptions(group, pair)));
  }

  function describe(): readonly TlsGroupRow[] {
    const patterns = [...new Set<HostPattern | Hostname>([...hosts.map(({ host }) => host), ...plainHosts])];
    return patterns.map((host) => {
      // A wildcard's row shows what it demands by itself; a host that several cover has the union of them.
      const exact = parseHostname(host);
      const { id, mode, hashes } =
        exact === undefined ? unite(hosts.filter((demand) => demand.host === host && isWildcard(demand.host))) : groupFor(exact);
      return { host, group: id, mode, anchors: hashes };
    });
  }

  return { ok: true, groups: { groupFor, secureContextFor, describe, fallback } };
}

/** Names under a wildcard are the client's to choose: what is remembered of them is bounded. */
const rememberedHosts = 10_000;

interface UnitedGroup extends TlsGroup {
  readonly mode: TlsMode;
  readonly hashes: readonly string[];
}

/** Makes groups of demands; equal unions are one group. */
function createUnion({
  sendCaNames,
  allowPartialChain,
}: Pick<TlsGroupsInput, 'sendCaNames' | 'allowPartialChain'>): (demands: readonly HostDemand[]) => UnitedGroup {
  const groups = new Map<TlsGroupId, UnitedGroup>();
  const hashes = new Map<string, string>();

  function hashOf(pem: string): string {
    const known = hashes.get(pem);
    if (known !== undefined) return known;
    const hash = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
    hashes.set(pem, hash);
    return hash;
  }

  return (demands) => {
    const mode = strongest(demands);
    const asking = demands.filter((demand) => demand.mode !== 'none');
    const anchors = new Map(asking.flatMap((demand) => demand.anchors).map((pem) => [hashOf(pem), pem] as const));
    const sorted = [...anchors.keys()].toSorted();
    // What was captured under other rules is of another group: the TLS layer's verdict outlives them on its connection.
    const rules = mode === 'none' ? [] : [`names ${sendCaNames}`, `partial ${allowPartialChain}`];
    const id = createHash('sha256')
      .update([mode, minTlsVersion, ...rules, ...sorted].join('\n'))
      .digest('hex')
      .slice(0, 32);
    const group: UnitedGroup = groups.get(id) ?? {
      id,
      mode,
      asks: mode !== 'none',
      requires: mode === 'require',
      namesAuthorities: sendCaNames,
      allowsPartialChain: allowPartialChain,
      anchors: sorted.map((hash) => anchors.get(hash) ?? ''),
      hashes: sorted,
    };
    groups.set(id, group);
    return group;
  };
}

function strongest(demands: readonly HostDemand[]): TlsMode {
  if (demands.some(({ mode }) => mode === 'require')) return 'require';
  return demands.some(({ mode }) => mode === 'request') ? 'request' : 'none';
}
