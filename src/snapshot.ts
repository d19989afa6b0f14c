import type { CaBundle } from './certificate/ca-bundle.ts';
import { readCaBundle } from './certificate/ca-bundle.ts';
import type { CertificateTrust } from './certificate/judge-certificate.ts';
import type { Problem, SettingPath } from './config/problem.ts';
import type { NamedText, RouteSettings, Settings, SettingsDocument } from './config/settings.ts';
import { normalisedName } from './http/header-list.ts';
import type { HostTable } from './http/host-table.ts';
import { buildHostTable } from './http/host-table.ts';
import type { Authority } from './http/hostname.ts';
import type { Identity } from './identity/create-identity.ts';
import type { HostDemand, TlsGroups } from './listener/tls-groups.ts';
import { buildTlsGroups } from './listener/tls-groups.ts';
import type { CompiledPolicy } from './policy/compile-policy.ts';
import { compilePolicy } from './policy/compile-policy.ts';
import type { RouteTable } from './route/route-table.ts';
import { buildRouteTable } from './route/route-table.ts';
import type { SnapshotServices } from './services.ts';
import { acquireIdentity } from './services.ts';
import type { SharedResource } from './shared-resources.ts';
import { createPool } from './upstream/create-pool.ts';
import type { HeaderPlan } from './upstream/header-plan.ts';
import type { UpstreamRoute } from './upstream/upstream-route.ts';

/** Everything a request needs of the configuration, compiled before it came. Never changed; replaced whole. */
export interface Snapshot extends AsyncDisposable {
  readonly settings: Settings;
  readonly routes: RouteTable<Route>;
  readonly routeList: readonly Route[];
  /** The routes of a host whatever their paths, for what is decided before there is a path: the handshake. */
  readonly hosts: HostTable<Route>;
  readonly groups: TlsGroups;
  readonly identity: Identity;
  isAuthenticateHost(authority: Authority): boolean;
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
  /** A missing or invalid certificate is refused whatever the policy says. */
  readonly certificateRequired: boolean;
  readonly upstream: UpstreamRoute;
}

export type SnapshotResult =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const defaultUpstreamTimeoutMs = 30_000;
// 24 days: a timer that is set to more goes off at once.
const longestTimeoutMs = 2 ** 31 - 1;

/** Compiles settings, or tells every problem at once. What it opened for a configuration that is refused is closed again. */
export async function buildSnapshot(document: SettingsDocument, services: SnapshotServices): Promise<SnapshotResult> {
  const build = startBuild(document, services);
  const { settings } = document;
  const parts = await compileParts(build, settings);
  if (parts === undefined) return build.refuse();
  const { trusts, policies, groups, identity } = parts;
  const routeList = settings.routes.map((route, index) =>
    build.route(route, { policy: policies[index] as CompiledPolicy, trust: trusts[index], identity }),
  );
  const table = build.table(routeList.map((route) => ({ ...route.settings, value: route })));
  if (table === undefined) return build.refuse();
  const authenticateHost = settings.authenticate?.hostname;
  const snapshot: Snapshot = {
    settings,
    routes: table,
    routeList,
    hosts: buildHostTable(routeList.map((route) => ({ host: route.settings.host, value: route }))),
    groups,
    identity,
    isAuthenticateHost: (authority) => authority.hostname === authenticateHost,
    [Symbol.asyncDispose]: () => build.release(),
  };
  return { ok: true, snapshot, warnings: [...document.warnings, ...build.warnings] };
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
  readonly trusts: readonly (CertificateTrust | undefined)[];
  readonly policies: readonly (CompiledPolicy | undefined)[];
  readonly groups: TlsGroups;
  readonly identity: Identity;
}

/** Everything that can be wrong is looked at before anything is given up, so that all of it is told. */
async function compileParts(build: ReturnType<typeof startBuild>, settings: Settings): Promise<Parts | undefined> {
  const globalCa = build.bundle(settings.downstreamMtls.ca);
  const routeCas = settings.routes.map((route) => build.bundle(route.clientCa));
  const anyCa = globalCa !== undefined || routeCas.some((bundle) => bundle !== undefined);
  const trusts = routeCas.map((own) => trustOf(own ?? globalCa, settings));
  const policies = settings.routes.map((route) => build.policy(route, anyCa && settings.downstreamMtls.enforcement !== 'policy'));
  const groups = build.groups(trusts);
  const identity = await build.identity();
  if (groups !== undefined && identity !== undefined && !build.failed()) return { trusts, policies, groups, identity };
  build.table(settings.routes.map((route) => ({ ...route, value: route })));
  return undefined;
}

function trustOf(bundle: CaBundle | undefined, settings: Settings): CertificateTrust | undefined {
  return bundle === undefined ? undefined : { bundle, maxVerifyDepth: settings.downstreamMtls.maxVerifyDepth };
}

interface RouteParts {
  readonly policy: CompiledPolicy;
  readonly trust: CertificateTrust | undefined;
  readonly identity: Identity;
}

/** One method per thing that is compiled; each reports its problems and answers undefined when there were any. */
function startBuild(document: SettingsDocument, services: SnapshotServices) {
  const { settings, locate } = document;
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const held: SharedResource<AsyncDisposable>[] = [];

  function report(path: SettingPath, message: string): undefined {
    errors.push({ severity: 'error', message, place: locate(path) });
  }
  function keep<T extends AsyncDisposable>(resource: SharedResource<T>): T {
    held.push(resource);
    return resource.value;
  }
  async function release(): Promise<void> {
    await Promise.all(held.map((resource) => resource.release()));
  }

  return {
    warnings,
    release,
    failed: () => errors.length > 0,
    async refuse(): Promise<Extract<SnapshotResult, { ok: false }>> {
      await release();
      return { ok: false, problems: [...errors, ...document.warnings, ...warnings] };
    },
    bundle(text: NamedText | undefined): CaBundle | undefined {
      if (text === undefined) return undefined;
      const read = readCaBundle(text, services.now());
      if (!read.ok) return report(text.path, read.message);
      for (const message of read.warnings) warnings.push({ severity: 'warning', message, place: locate(text.path) });
      return read.bundle;
    },
    policy(route: RouteSettings, defaultDeny: boolean): CompiledPolicy | undefined {
      const compiled = compilePolicy(route.access, { defaultDeny });
      if (compiled.ok) return compiled.policy;
      for (const { path, message } of compiled.problems) report(path, message);
      return undefined;
    },
    groups(trusts: readonly (CertificateTrust | undefined)[]): TlsGroups | undefined {
      const built = buildTlsGroups({
        hosts: settings.routes.map((route, index) => demandOf(route, trusts[index], settings)),
        plainHosts: settings.authenticate === undefined ? [] : [settings.authenticate.hostname],
        certificates: settings.certificates.map(({ certificate, key }) => ({
          certificatePem: certificate.text,
          keyPem: key.text,
          label: certificate.label,
        })),
        fallback: services.fallbackCertificate,
      });
      if (built.ok) return built.groups;
      for (const { certificate, message } of built.problems) report(settings.certificates[certificate]?.certificate.path ?? [], message);
      return undefined;
    },
    async identity(): Promise<Identity | undefined> {
      if (sessionsEndWithProcess(settings)) {
        const message =
          'Every session ends with the process, because the secrets that seal it are made at random and kept nowhere: write state_directory to keep both';
        warnings.push({ severity: 'warning', message, place: locate(['idp_provider'], 'key') });
      }
      const acquired = await acquireIdentity(settings, services);
      return acquired.ok ? keep(acquired.identity) : report(acquired.path, acquired.message);
    },
    table<T>(entries: readonly (RouteSettings & { readonly value: T })[]): RouteTable<T> | undefined {
      const built = buildRouteTable(entries);
      if (built.ok) return built.table;
      for (const { index, message } of built.problems) {
        const entry = entries[index];
        report(entry?.matcher.kind === 'regex' ? entry.matcher.place : (entry?.path ?? []), message);
      }
      return undefined;
    },
    route(route: RouteSettings, { policy, trust, identity }: RouteParts): Route {
      const id = `${route.index}`;
      const pool = keep(services.resources.acquire(`pool ${route.to.join(' ')}`, () => createPool({ to: route.to })));
      return {
        id,
        label: route.name ?? route.from,
        settings: route,
        policy,
        trust,
        certificateRequired: trust !== undefined && settings.downstreamMtls.enforcement !== 'policy',
        upstream: {
          routeId: id,
          pool,
          headers: headerPlanOf(route, settings, identity),
          // A WebSocket or a stream of events lives as long as it likes (Pomerium does the same for routes that allow upgrades).
          timeoutMs: Math.min(route.timeoutMs ?? (route.allowWebsockets ? 0 : defaultUpstreamTimeoutMs), longestTimeoutMs),
          allowWebsockets: route.allowWebsockets,
          matchedPrefix: route.matcher.kind === 'prefix' ? route.matcher.prefix : undefined,
        },
      };
    },
  };
}

/** Contract 1.3. Only where somebody can sign in: nobody else has a session to lose. */
function sessionsEndWithProcess({ identityProvider, stateDirectory, sharedSecret, cookie }: Settings): boolean {
  return identityProvider !== undefined && stateDirectory === undefined && (sharedSecret === undefined || cookie.secret === undefined);
}

function demandOf(route: RouteSettings, trust: CertificateTrust | undefined, settings: Settings): HostDemand {
  if (trust === undefined) return { host: route.host, anchors: [], mode: 'none' };
  const mode = settings.downstreamMtls.enforcement === 'reject_connection' ? 'require' : 'request';
  return { host: route.host, anchors: trust.bundle.anchors.map(({ pem }) => pem), mode };
}

function headerPlanOf(route: RouteSettings, settings: Settings, identity: Identity): HeaderPlan {
  return {
    // A claim header may have any name: what we say under it, nobody else may say.
    dropNames: new Set(settings.jwtClaimsHeaders.map(({ header }) => normalisedName(header))),
    isOurCookie: (name) => identity.cookieNames.isOurs(name),
    set: route.setRequestHeaders,
    remove: new Set(route.removeRequestHeaders.map((name) => name.toLowerCase())),
    preserveHost: route.preserveHostHeader,
  };
}
