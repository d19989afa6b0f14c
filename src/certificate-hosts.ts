import { isIPv4 } from 'node:net';
import type { CertificateDemand } from './certificate-demand.ts';
import { demandOf } from './certificate-demand.ts';
import { trustsOf } from './certificate-status.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { Locate, SettingPath } from './config/problem.ts';
import { writePath } from './config/problem.ts';
import type { RevocationMode, RevocationSource } from './config/revocation-settings.ts';
import { usualRevocation } from './config/revocation-settings.ts';
import { isWildcard } from './http/host-table.ts';
import { parseHostname } from './http/hostname.ts';
import type { TlsGroupRow } from './listener/tls-groups.ts';
import type { Route, Snapshot } from './snapshot.ts';

/** What becomes of handshakes for one host of the configuration, and why: for whoever runs it, in `check` and in the log. */
export interface CertificateHostRow {
  /** As in `from`, without scheme and port. */
  readonly host: string;
  readonly role: 'routes' | 'authenticate' | 'certificate sign-in';
  /** `required`: by one of its routes at least. */
  readonly asks: 'no' | 'optional' | 'required';
  /** What comes of showing none, or a bad one; empty where nobody is asked. */
  readonly enforcement: string;
  /** Of all its routes, as the handshake names them. */
  readonly authorities: readonly HostAuthority[];
  /** One for each way in which its routes look revocation up. */
  readonly revocation: readonly HostRevocation[];
  /** The settings that make it so, with their places where these are known. */
  readonly why: readonly string[];
}

export interface HostAuthority {
  /** RFC 4514. */
  readonly subject: string;
  /** Of the DER, lower hex. */
  readonly sha256: string;
}

export interface HostRevocation {
  readonly mode: RevocationMode;
  /** Those that there is something to learn from; none with `skip`. */
  readonly sources: readonly RevocationSource[];
}

type Look = Pick<Snapshot, 'settings' | 'routeList' | 'hosts' | 'groups' | 'certificateHost'>;

/** One row for each host of the configuration, in its order. `locate` finds the places of settings. */
export function certificateHosts(snapshot: Look, locate?: Locate): readonly CertificateHostRow[] {
  const place = (path: SettingPath): string => placed(path, locate);
  const subjects = new Map(
    trustsOf(snapshot).flatMap(({ bundle }) => bundle.anchors.map(({ sha256, facts }) => [sha256, facts.subject] as const)),
  );
  return snapshot.groups.describe().map((row) => {
    const ofHost = hostDemands(row, snapshot);
    const silence = silenceOf(row, ofHost, snapshot, place);
    if (silence !== undefined) return silence;
    const authorities = row.anchors.map((sha256) => ({ subject: subjects.get(sha256) ?? '', sha256 }));
    const { demands, role, trusts } = ofHost;
    return {
      host: row.host,
      role,
      asks: demands.some(({ demand }) => demand.mode === 'require' || demand.defaultDeny === 'required') ? 'required' : 'optional',
      enforcement: [
        enforcementOf(row, ofHost),
        ...(snapshot.settings.downstreamMtls.sendCaNames ? [] : ['the handshake names no CA']),
      ].join('; '),
      authorities,
      revocation: distinct(trusts.map(revocationOf)),
      why: [...new Set(whyOf(ofHost, snapshot).map(place))],
    };
  });
}

interface RouteDemand {
  readonly route: Route;
  readonly demand: CertificateDemand;
}

interface HostDemands {
  readonly role: CertificateHostRow['role'];
  /** Of routes that ask. */
  readonly demands: readonly RouteDemand[];
  readonly all: readonly Route[];
  readonly trusts: readonly CertificateTrust[];
}

function hostDemands({ host }: TlsGroupRow, { settings, routeList, hosts, certificateHost }: Look): HostDemands {
  const hostname = host.includes('*') ? undefined : parseHostname(host);
  const all =
    hostname === undefined ? routeList.filter(({ settings: { host: own } }) => own === host && isWildcard(own)) : hosts.match(hostname);
  const demands = all
    .map((route) => ({ route, demand: demandOf(route.settings, route.trust, settings) }))
    .filter(({ demand }) => demand.mode !== 'none');
  const isSignIn = certificateHost !== undefined && host === settings.certificateSignIn?.hostname;
  const role = isSignIn ? 'certificate sign-in' : host === settings.authenticate?.hostname ? 'authenticate' : 'routes';
  const trusts = [...demands.map(({ route }) => route.trust), isSignIn ? certificateHost.trust : undefined];
  return { role, demands, all, trusts: [...new Set(trusts.filter((trust) => trust !== undefined))] };
}

/** The row of a host that asks for nothing, and what keeps it from asking; undefined where it asks. */
function silenceOf(
  { host, mode }: TlsGroupRow,
  { role, all }: HostDemands,
  { settings }: Look,
  place: (path: SettingPath) => string,
): CertificateHostRow | undefined {
  const row = { host, role, asks: 'no', enforcement: '', authorities: [], revocation: [] } as const;
  if (role === 'authenticate') return { ...row, why: [place(['authenticate_service_url'])] };
  if (mode === 'none') {
    const modes = all.filter((route) => route.settings.clientCertificateMode === 'none').map((route) => route.settings.path);
    return { ...row, why: modes.length === 0 ? ['no client CA'] : modes.map((path) => place([...path, 'client_certificate_mode'])) };
  }
  // A proxy in front that tells of certificates asks for them itself.
  if (settings.acceptedCertificates.length > 0) return undefined;
  if (settings.insecureServer) return { ...row, why: [`${place(['insecure_server'])}: there is no handshake`] };
  // RFC 6066 section 3: the server name of a handshake is no address.
  if (isIPv4(host) || host.startsWith('[')) return { ...row, why: ['a handshake names no IP address: every answer is 421'] };
  return undefined;
}

function enforcementOf({ mode }: TlsGroupRow, { demands, role }: HostDemands): string {
  if (mode === 'require') return 'the handshake fails without a valid one';
  if (role === 'certificate sign-in') return 'none is fine';
  const words = demands.map(({ route, demand }) => {
    const status = route.settings.certificateDeniedStatus;
    if (demand.defaultDeny === 'required') return `${status} without a valid one`;
    return demand.defaultDeny === 'optional' ? `none is fine, a bad one is answered ${status}` : 'the policy decides';
  });
  return [...new Set(words)].join('; ');
}

function revocationOf({ crls, revocation }: CertificateTrust): HostRevocation {
  const { mode, sources } = revocation?.settings ?? usualRevocation;
  return { mode, sources: mode === 'skip' ? [] : sources.filter((source) => source !== 'crl_file' || crls !== undefined) };
}

/** The setting that named the CA, and the one that says how much it counts for. */
function whyOf({ demands, role }: HostDemands, { settings }: Look): readonly SettingPath[] {
  const { ca, enforcement } = settings.downstreamMtls;
  const ofRoutes = demands.flatMap(({ route: { settings: route } }) => {
    const source = (route.clientCa ?? ca)?.path ?? [];
    if (route.clientCertificateMode === undefined) return [source];
    // Which implies `optional`, and mostly stands there alone.
    const key =
      route.authentication === 'either' && route.clientCertificateMode === 'optional' ? 'authentication' : 'client_certificate_mode';
    return [source, [...route.path, key]];
  });
  const signIn = role === 'certificate sign-in' ? [['certificate_sign_in_url']] : [];
  const isUsual = enforcement === 'policy_with_default_deny' || demands.length === 0;
  const proxies = settings.acceptedCertificates.length === 0 ? [] : [['accept_client_certificate']];
  return [...signIn, ...ofRoutes, ...(isUsual ? [] : [['downstream_mtls', 'enforcement']]), ...proxies];
}

function placed(path: SettingPath, locate: Locate | undefined): string {
  const place = locate?.(path, 'key');
  if (place === undefined) return writePath(path);
  return place.kind === 'file' ? `${writePath(path)} (${place.file}:${place.line})` : `${writePath(path)} (${place.variable})`;
}

function distinct(rows: readonly HostRevocation[]): readonly HostRevocation[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row] as const)).values()];
}
