import type { CertificateMapper } from './certificate/certificate-mapping.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { RouteAction } from './compile-action.ts';
import type { CompiledIdentities } from './compile-identities.ts';
import type { LogFieldReader } from './compile-log-fields.ts';
import { compileLogFields } from './compile-log-fields.ts';
import type { Outgoing } from './compile-outgoing.ts';
import type { Rewrites } from './compile-rewrites.ts';
import type { Trusts } from './compile-trusts.ts';
import type { IgnoredProblem } from './config/apply-ignores.ts';
import { applyIgnores } from './config/apply-ignores.ts';
import type { Problem } from './config/problem.ts';
import type { RouteSettings, Settings, SettingsDocument } from './config/settings.ts';
import type { HostTable } from './http/host-table.ts';
import { buildHostTable } from './http/host-table.ts';
import type { Authority } from './http/hostname.ts';
import type { Identity } from './identity/create-identity.ts';
import type { Person } from './identity/person.ts';
import type { TlsGroups } from './listener/tls-groups.ts';
import type { CompiledPolicy } from './policy/compile-policy.ts';
import type { RouteTable } from './route/route-table.ts';
import type { SnapshotServices } from './services.ts';
import type { SnapshotBuild } from './start-build.ts';
import { startBuild } from './start-build.ts';
import type { AcceptedProxies } from './visitor-connection.ts';
import { compileAcceptedProxies } from './visitor-connection.ts';

/** Everything a request needs of the configuration, compiled before it came. Never changed; replaced whole. */
export interface Snapshot extends AsyncDisposable {
  readonly settings: Settings;
  readonly routes: RouteTable<Route>;
  readonly routeList: readonly Route[];
  /** The routes of a host whatever their paths, for what is decided before there is a path: the handshake. */
  readonly hosts: HostTable<Route>;
  readonly groups: TlsGroups;
  readonly identity: Identity;
  /** Reads what the line of a request says beyond its usual fields; undefined: nothing. */
  readonly logFields: LogFieldReader | undefined;
  /** Proxies in front that are believed about what was presented to them. */
  readonly proxies: AcceptedProxies;
  /** By what certificates are judged and mapped where they are linked and signed in with; undefined: nowhere. */
  readonly certificateHost: CertificateHost | undefined;
  isAuthenticateHost(authority: Authority): boolean;
  isCertificateHost(authority: Authority): boolean;
}

export interface CertificateHost {
  readonly url: URL;
  readonly trust: CertificateTrust | undefined;
  readonly mapper: CertificateMapper | undefined;
}

export interface Route {
  /** Names the route in a permit: no two routes of a snapshot share it. */
  readonly id: string;
  /** For log and metrics: its name, or where it comes from. */
  readonly label: string;
  readonly settings: RouteSettings;
  readonly policy: CompiledPolicy;
  /** The CAs that judge a client certificate here; undefined: none is looked at. */
  readonly trust: CertificateTrust | undefined;
  /** The names of the CAs as visitors may know them; none where the handshake does not name them either. */
  readonly authorityNames: readonly string[];
  /** A missing or invalid certificate is refused whatever the policy says. */
  readonly certificateRequired: boolean;
  /** Whom a valid certificate stands for; undefined where the route does not look. */
  readonly mapper: CertificateMapper | undefined;
  /** `default_identity` and `anonymous_identity`. */
  readonly defaultPerson: Person | undefined;
  readonly anonymousPerson: Person | undefined;
  readonly action: RouteAction;
}

export type SnapshotResult =
  /** `ignored`: warnings that comments of the configuration ask not to be told. */
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Problem[]; readonly ignored: readonly IgnoredProblem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Compiles settings, or tells every problem at once. What it opened for a configuration that is refused is closed again. Revocation lists
 * may not be older than those of the snapshot that is in force.
 */
export async function buildSnapshot(
  document: SettingsDocument,
  services: SnapshotServices,
  inForce?: Pick<Snapshot, 'routeList'>,
): Promise<SnapshotResult> {
  const build = startBuild(document, services, inForce);
  const { settings } = document;
  const parts = await compileParts(build, settings);
  if (parts === undefined) return build.refuse();
  const { trusts, identities, policies, groups } = parts;
  const routeList = settings.routes.map((route, index) => {
    const [trust, mapper] = [trusts.byRoute[index], identities.byRoute[index]];
    return build.route(route, { ...parts, policy: policies[index] as CompiledPolicy, trust, mapper });
  });
  const table = build.table(routeList.map((route) => ({ ...route.settings, value: route })));
  if (table === undefined) return build.refuse();
  const { authenticate, certificateSignIn } = settings;
  const snapshot: Snapshot = {
    settings,
    routes: table,
    routeList,
    hosts: buildHostTable(routeList.map((route) => ({ host: route.settings.host, port: route.settings.port, value: route }))),
    groups,
    identity: parts.identity,
    logFields: compileLogFields(settings),
    proxies: compileAcceptedProxies(settings.acceptedCertificates),
    certificateHost:
      certificateSignIn === undefined ? undefined : { url: certificateSignIn.url, trust: trusts.everywhere, mapper: identities.everywhere },
    isAuthenticateHost: (authority) => authority.hostname === authenticate?.hostname,
    isCertificateHost: (authority) => authority.hostname === certificateSignIn?.hostname,
    [Symbol.asyncDispose]: () => build.release(),
  };
  const { told, ignored } = applyIgnores([...document.warnings, ...build.warnings], document.ignores);
  return { ok: true, snapshot, warnings: told, ignored };
}

/** What `buildSnapshot` would complain of beyond the warnings of the document itself; opens nothing that lasts. */
export async function findProblems(document: SettingsDocument, services: SnapshotServices): Promise<readonly Problem[]> {
  const build = startBuild({ ...document, warnings: [] }, services);
  const parts = await compileParts(build, document.settings);
  if (parts !== undefined) build.table(document.settings.routes.map((route) => ({ ...route, value: route })));
  const refused = await build.refuse();
  return refused.problems;
}

interface Parts {
  readonly trusts: Trusts;
  readonly identities: CompiledIdentities;
  readonly policies: readonly (CompiledPolicy | undefined)[];
  readonly groups: TlsGroups;
  readonly identity: Identity;
  readonly outgoing: Outgoing;
  readonly rewrites: Rewrites;
}

/** Everything that can be wrong is looked at before anything is given up, so that all of it is told. */
async function compileParts(build: SnapshotBuild, settings: Settings): Promise<Parts | undefined> {
  const trusts = build.trusts();
  const identities = build.identities();
  const policies = settings.routes.map((route, index) => build.policy(route, trusts, index));
  const groups = build.groups(trusts);
  const outgoing = build.outgoing();
  const rewrites = build.rewrites();
  const identity = await build.identity(outgoing);
  if (groups !== undefined && identity !== undefined && !build.failed())
    return { trusts, identities, policies, groups, identity, outgoing, rewrites };
  build.table(settings.routes.map((route) => ({ ...route, value: route })));
  return undefined;
}
