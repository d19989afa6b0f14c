import type { CompiledIdentities } from './compile-identities.ts';
import { compileLogFields } from './compile-log-fields.ts';
import type { Outgoing } from './compile-outgoing.ts';
import type { Rewrites } from './compile-rewrites.ts';
import type { Trusts } from './compile-trusts.ts';
import { applyIgnores } from './config/apply-ignores.ts';
import type { Problem } from './config/problem.ts';
import type { Settings, SettingsDocument } from './config/settings.ts';
import { buildHostTable } from './http/host-table.ts';
import type { Identity } from './identity/create-identity.ts';
import type { TlsGroups } from './listener/tls-groups.ts';
import type { CompiledPolicy } from './policy/compile-policy.ts';
import type { SnapshotServices } from './services.ts';
import type { SnapshotBuild } from './start-build.ts';
import { startBuild } from './start-build.ts';
import { compileAcceptedProxies } from './visitor-connection.ts';
import type { CertificateHost, Snapshot, SnapshotResult } from './snapshot.ts';

/**
 * Compiles settings, or tells every problem at once. What it opened for a configuration that is refused is closed again. Revocation lists
 * may not be older than those of the snapshot that is in force.
 */
export async function buildSnapshot(
  document: SettingsDocument,
  services: SnapshotServices,
  inForce?: Pick<Snapshot, 'routeList' | 'certificateHost'>,
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
  const table = build.table(routeList);
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
    certificateHost: certificateSignIn === undefined ? undefined : certificateHostOf(certificateSignIn.url, parts),
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
  if (parts !== undefined) build.table(document.settings.routes.map((route) => ({ settings: route })));
  const refused = await build.refuse();
  return refused.problems;
}

function certificateHostOf(url: URL, { trusts, identities: { everywhere } }: Parts): CertificateHost {
  const signIn = trusts.apart.map(({ trust, isUsual }) => ({ trust, mapper: isUsual ? everywhere?.usual : everywhere?.named }));
  return { url, trust: trusts.everywhere, signIn };
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
  build.table(settings.routes.map((route) => ({ settings: route })));
  return undefined;
}
