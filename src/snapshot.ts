import type { CertificateTrust } from './certificate/certificate-trust.ts';
import { checkMetrics } from './check-metrics.ts';
import type { RouteAction } from './compile-action.ts';
import { compileAction } from './compile-action.ts';
import type { LogFieldReader } from './compile-log-fields.ts';
import { compileLogFields } from './compile-log-fields.ts';
import type { Outgoing } from './compile-outgoing.ts';
import { compileOutgoing } from './compile-outgoing.ts';
import type { Rewrites } from './compile-rewrites.ts';
import { compileRewrites } from './compile-rewrites.ts';
import { compileTrusts } from './compile-trusts.ts';
import type { IgnoredProblem } from './config/apply-ignores.ts';
import { applyIgnores } from './config/apply-ignores.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { Problem, SettingPath } from './config/problem.ts';
import type { ForwardSettings } from './config/action-settings.ts';
import type { RouteSettings, Settings, SettingsDocument } from './config/settings.ts';
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
import type { UpstreamPool } from './upstream/create-pool.ts';
import { createPool, poolKey } from './upstream/create-pool.ts';

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
  readonly action: RouteAction;
}

export type SnapshotResult =
  /** `ignored`: warnings that comments of the configuration ask not to be told. */
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Problem[]; readonly ignored: readonly IgnoredProblem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiles settings, or tells every problem at once. What it opened for a configuration that is refused is closed again. */
export async function buildSnapshot(document: SettingsDocument, services: SnapshotServices): Promise<SnapshotResult> {
  const build = startBuild(document, services);
  const { settings } = document;
  const parts = await compileParts(build, settings);
  if (parts === undefined) return build.refuse();
  const { trusts, policies, groups } = parts;
  const routeList = settings.routes.map((route, index) =>
    build.route(route, { ...parts, policy: policies[index] as CompiledPolicy, trust: trusts[index] }),
  );
  const table = build.table(routeList.map((route) => ({ ...route.settings, value: route })));
  if (table === undefined) return build.refuse();
  const authenticateHost = settings.authenticate?.hostname;
  const snapshot: Snapshot = {
    settings,
    routes: table,
    routeList,
    hosts: buildHostTable(routeList.map((route) => ({ host: route.settings.host, port: route.settings.port, value: route }))),
    groups,
    identity: parts.identity,
    logFields: compileLogFields(settings),
    isAuthenticateHost: (authority) => authority.hostname === authenticateHost,
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
  readonly trusts: readonly (CertificateTrust | undefined)[];
  readonly policies: readonly (CompiledPolicy | undefined)[];
  readonly groups: TlsGroups;
  readonly identity: Identity;
  readonly outgoing: Outgoing;
  readonly rewrites: Rewrites;
}

/** Everything that can be wrong is looked at before anything is given up, so that all of it is told. */
async function compileParts(build: ReturnType<typeof startBuild>, settings: Settings): Promise<Parts | undefined> {
  const trusts = build.trusts();
  const anyCa = settings.downstreamMtls.ca !== undefined || trusts.some((trust) => trust !== undefined);
  const policies = settings.routes.map((route) => build.policy(route, anyCa && settings.downstreamMtls.enforcement !== 'policy'));
  const groups = build.groups(trusts);
  const outgoing = build.outgoing();
  const rewrites = build.rewrites();
  const identity = await build.identity(outgoing);
  if (groups !== undefined && identity !== undefined && !build.failed()) return { trusts, policies, groups, identity, outgoing, rewrites };
  build.table(settings.routes.map((route) => ({ ...route, value: route })));
  return undefined;
}

interface RouteParts extends Pick<Parts, 'identity' | 'outgoing' | 'rewrites'> {
  readonly policy: CompiledPolicy;
  readonly trust: CertificateTrust | undefined;
}

/** One method per thing that is compiled; each reports its problems and answers undefined when there were any. */
function startBuild(document: SettingsDocument, services: SnapshotServices) {
  const { settings, locate } = document;
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const held: SharedResource<AsyncDisposable>[] = [];

  function report(code: ErrorCode, path: SettingPath, message: string, part?: 'key'): undefined {
    errors.push({ severity: 'error', code, message, place: locate(path, part) });
  }
  function keep<T extends AsyncDisposable>(resource: SharedResource<T>): T {
    held.push(resource);
    return resource.value;
  }
  async function release(): Promise<void> {
    await Promise.all(held.map((resource) => resource.release()));
  }

  function openPool(outgoing: Outgoing, route: RouteSettings, action: ForwardSettings): UpstreamPool {
    const options = { to: action.to, tls: outgoing.tlsOf(route) };
    return keep(services.resources.acquire(poolKey(options), () => createPool(options)));
  }

  return {
    warnings,
    release,
    failed: () => errors.length > 0,
    async refuse(): Promise<Extract<SnapshotResult, { ok: false }>> {
      await release();
      return { ok: false, problems: [...errors, ...document.warnings, ...warnings] };
    },
    trusts(): readonly (CertificateTrust | undefined)[] {
      const trusts = compileTrusts(settings, services.now());
      for (const { code, path, message } of trusts.problems) report(code, path, message);
      for (const { code, path, message } of trusts.warnings) warnings.push({ severity: 'warning', code, message, place: locate(path) });
      return trusts.byRoute;
    },
    policy(route: RouteSettings, defaultDeny: boolean): CompiledPolicy | undefined {
      const compiled = compilePolicy(route.access, { defaultDeny });
      if (compiled.ok) return compiled.policy;
      for (const { path, message, part } of compiled.problems) report('invalid-policy', path, message, part);
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
      for (const { certificate, message } of built.problems)
        report('invalid-server-certificate', settings.certificates[certificate]?.certificate.path ?? [], message);
      return undefined;
    },
    outgoing(): Outgoing {
      const outgoing = compileOutgoing(settings);
      for (const { code, path, message } of [...outgoing.problems, ...checkMetrics(settings, services.now())]) report(code, path, message);
      return outgoing;
    },
    rewrites(): Rewrites {
      const rewrites = compileRewrites(settings);
      for (const { path, message } of rewrites.problems) report('invalid-expression', path, message);
      for (const { code, path, message } of rewrites.warnings) warnings.push({ severity: 'warning', code, message, place: locate(path) });
      return rewrites;
    },
    async identity({ roots }: Outgoing): Promise<Identity | undefined> {
      if (sessionsEndWithProcess(settings)) {
        const message =
          'Every session ends with the process, because the secrets that seal it are made at random and kept nowhere: write state_directory to keep both';
        warnings.push({ severity: 'warning', code: 'temporary-secrets', message, place: locate(['idp_provider'], 'key') });
      }
      const acquired = await acquireIdentity(settings, services, roots);
      return acquired.ok ? keep(acquired.identity) : report('invalid-signing-key', acquired.path, acquired.message);
    },
    table<T>(entries: readonly (RouteSettings & { readonly value: T })[]): RouteTable<T> | undefined {
      const built = buildRouteTable(entries);
      if (built.ok) return built.table;
      for (const { index, message } of built.problems) {
        const entry = entries[index];
        report('invalid-expression', entry?.matcher.kind === 'regex' ? entry.matcher.place : (entry?.path ?? []), message);
      }
      return undefined;
    },
    route(route: RouteSettings, parts: RouteParts): Route {
      const { policy, trust, outgoing, ...rest } = parts;
      const id = `${route.index}`;
      return {
        id,
        label: route.name ?? route.from,
        settings: route,
        policy,
        trust,
        certificateRequired: trust !== undefined && settings.downstreamMtls.enforcement !== 'policy',
        action: compileAction(route, { ...rest, settings, openPool: (of, action) => openPool(outgoing, of, action) }),
      };
    },
  };
}

/** Only where somebody can sign in: nobody else has a session to lose. */
function sessionsEndWithProcess({ identityProvider, stateDirectory, sharedSecrets, cookie }: Settings): boolean {
  return identityProvider !== undefined && stateDirectory === undefined && (sharedSecrets.length === 0 || cookie.secrets.length === 0);
}

function demandOf(route: RouteSettings, trust: CertificateTrust | undefined, settings: Settings): HostDemand {
  const { host, port } = route;
  if (trust === undefined) return { host, port, anchors: [], mode: 'none' };
  const mode = settings.downstreamMtls.enforcement === 'reject_connection' ? 'require' : 'request';
  return { host, port, anchors: trust.bundle.anchors.map(({ pem }) => pem), mode };
}
