import { authorityNames } from './authority-names.ts';
import { trustsOf } from './certificate-status.ts';
import { demandOf } from './certificate-demand.ts';
import type { CertificateMapper } from './certificate/certificate-mapping.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import { checkHeaderNames } from './check-header-names.ts';
import { checkMetrics } from './check-metrics.ts';
import type { RouteAction } from './compile-action.ts';
import { createActionCompiler } from './compile-action.ts';
import { compileGroups } from './compile-groups.ts';
import type { CompiledIdentities } from './compile-identities.ts';
import { compileIdentities } from './compile-identities.ts';
import type { Outgoing } from './compile-outgoing.ts';
import { compileOutgoing } from './compile-outgoing.ts';
import type { CompilePolicy } from './compile-policies.ts';
import { createPolicyCompiler } from './compile-policies.ts';
import type { Rewrites } from './compile-rewrites.ts';
import { compileRewrites } from './compile-rewrites.ts';
import type { Trusts } from './compile-trusts.ts';
import { compileTrusts } from './compile-trusts.ts';
import type { ForwardSettings } from './config/action-settings.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { Problem, SettingPath } from './config/problem.ts';
import type { RouteSettings, SettingsDocument } from './config/settings.ts';
import { fixedPerson } from './identity/certificate-person.ts';
import type { Identity } from './identity/create-identity.ts';
import type { TlsGroups } from './listener/tls-groups.ts';
import type { CompiledPolicy } from './policy/compile-policy.ts';
import type { RouteTable } from './route/route-table.ts';
import { buildRouteTable } from './route/route-table.ts';
import type { SnapshotServices } from './services.ts';
import { acquireIdentity, sessionsEndWithProcess } from './services.ts';
import type { SharedResource } from './shared-resources.ts';
import type { Route, Snapshot, SnapshotResult } from './snapshot.ts';
import type { UpstreamPool } from './upstream/create-pool.ts';
import { createPool, poolKey } from './upstream/create-pool.ts';
import type { UpstreamTls } from './upstream/upstream-tls.ts';

export interface RouteParts {
  readonly identity: Identity;
  readonly outgoing: Outgoing;
  readonly rewrites: Rewrites;
  readonly policy: CompiledPolicy;
  readonly trust: CertificateTrust | undefined;
  readonly mapper: CertificateMapper | undefined;
}

/** One method per thing that is compiled; each reports its problems and answers undefined when there were any. */
export interface SnapshotBuild {
  readonly warnings: readonly Problem[];
  /** Closes what was opened. */
  release(): Promise<void>;
  failed(): boolean;
  /** Closes what was opened and tells all that is wrong. */
  refuse(): Promise<Extract<SnapshotResult, { ok: false }>>;
  trusts(): Trusts;
  identities(): CompiledIdentities;
  policy(route: RouteSettings, trusts: Trusts, index: number): CompiledPolicy | undefined;
  groups(trusts: Trusts): TlsGroups | undefined;
  outgoing(): Outgoing;
  rewrites(): Rewrites;
  identity(outgoing: Outgoing): Promise<Identity | undefined>;
  table<T extends Pick<Route, 'settings'>>(routes: readonly T[]): RouteTable<T> | undefined;
  route(route: RouteSettings, parts: RouteParts): Route;
}

/** `serving`: the snapshot that is in force. */
export function startBuild(
  document: SettingsDocument,
  services: SnapshotServices,
  serving?: Pick<Snapshot, 'routeList' | 'certificateHost'>,
): SnapshotBuild {
  const { settings, locate } = document;
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const held: SharedResource<AsyncDisposable>[] = [];
  // Of routes that lead to the same place in the same way: to hash all that makes a pool takes a while.
  const pools = new Map<UpstreamTls, Map<string, UpstreamPool>>();
  let compilePolicy: CompilePolicy | undefined;
  let compileAction: ((route: RouteSettings) => RouteAction) | undefined;

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
    const address = action.to.map(({ url, weight }) => `${url.href},${weight}`).join(' ');
    const known = pools.get(options.tls) ?? new Map<string, UpstreamPool>();
    const pool = known.get(address) ?? keep(services.resources.acquire(poolKey(options), () => createPool(options)));
    pools.set(options.tls, known.set(address, pool));
    return pool;
  }

  return {
    warnings,
    release,
    failed: () => errors.length > 0,
    async refuse(): Promise<Extract<SnapshotResult, { ok: false }>> {
      await release();
      return { ok: false, problems: [...errors, ...document.warnings, ...warnings] };
    },
    trusts(): Trusts {
      const inForce = serving === undefined ? [] : trustsOf(serving).flatMap(({ crls }) => crls?.lists ?? []);
      const trusts = compileTrusts(settings, { at: services.now(), revocation: services.revocation, inForce: [...new Set(inForce)] });
      for (const { code, path, message } of trusts.problems) report(code, path, message);
      for (const { code, path, message } of trusts.warnings) warnings.push({ severity: 'warning', code, message, place: locate(path) });
      return trusts;
    },
    identities(): CompiledIdentities {
      const identities = compileIdentities(settings, services.now());
      for (const { code, path, message } of identities.problems) report(code, path, message);
      return identities;
    },
    policy(route: RouteSettings, { byRoute, authorities, everywhere }: Trusts, index: number): CompiledPolicy | undefined {
      // With no CA anywhere nobody could show a certificate, and nobody is asked for one.
      const { defaultDeny } = demandOf(route, byRoute[index], settings);
      compilePolicy ??= createPolicyCompiler(authorities);
      const compiled = compilePolicy(route.access, everywhere === undefined ? false : defaultDeny);
      if (compiled.ok) return compiled.policy;
      for (const { path, message, part } of compiled.problems) report('invalid-policy', [...route.path, ...path], message, part);
      return undefined;
    },
    groups(trusts: Trusts): TlsGroups | undefined {
      const built = compileGroups(settings, trusts, services);
      if (built.ok) return built.groups;
      for (const { certificate, message } of built.problems)
        report('invalid-server-certificate', settings.certificates[certificate]?.certificate.path ?? [], message);
      return undefined;
    },
    outgoing(): Outgoing {
      const outgoing = compileOutgoing(settings);
      for (const { code, path, message } of [...outgoing.problems, ...checkMetrics(settings, services.now())]) report(code, path, message);
      for (const { path, message, part } of checkHeaderNames(settings, locate)) report('conflicting-keys', path, message, part);
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
    table<T extends Pick<Route, 'settings'>>(routes: readonly T[]): RouteTable<T> | undefined {
      const entries = routes.map((route) => {
        const { host, port, matcher } = route.settings;
        return { host, port, matcher, value: route };
      });
      const built = buildRouteTable(entries);
      if (built.ok) return built.table;
      for (const { index, message } of built.problems) {
        const route = routes[index]?.settings;
        report('invalid-expression', route?.matcher.kind === 'regex' ? route.matcher.place : (route?.path ?? []), message);
      }
      return undefined;
    },
    route(route: RouteSettings, parts: RouteParts): Route {
      const { policy, trust, mapper, outgoing, identity, rewrites } = parts;
      const { defaultIdentity, anonymousIdentity } = route;
      const openPoolOf = (of: RouteSettings, action: ForwardSettings): UpstreamPool => openPool(outgoing, of, action);
      compileAction ??= createActionCompiler({ settings, identity, rewrites, openPool: openPoolOf });
      return {
        id: `${route.index}`,
        label: route.name ?? route.from,
        settings: route,
        policy,
        trust,
        authorityNames: settings.downstreamMtls.sendCaNames ? authorityNames(trust) : [],
        certificateRequired: trust !== undefined && demandOf(route, trust, settings).defaultDeny === 'required',
        mapper,
        defaultPerson: defaultIdentity === undefined ? undefined : fixedPerson(defaultIdentity),
        anonymousPerson: anonymousIdentity === undefined ? undefined : fixedPerson(anonymousIdentity),
        action: compileAction(route),
      };
    },
  };
}
