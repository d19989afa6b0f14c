import type { Problem } from './config/problem.ts';
import type { SettingsInput } from './config/read-settings.ts';
import { readConfiguration } from './read-configuration.ts';
import type { SettingsDocument, SocketAddress } from './config/settings.ts';
import { certificateEnds } from './certificate-ends.ts';
import { certificateHosts } from './certificate-hosts.ts';
import { selfSignedFallback } from './certificate/issue-certificate.ts';
import { createCurrent } from './current.ts';
import { readOrMakeSecrets } from './identity/secrets.ts';
import { openExpiryWarnings } from './expiry-warnings.ts';
import type { Connection } from './http/connection.ts';
import { listen } from './listen.ts';
import type { ListenerLimits } from './listener/listener-limits.ts';
import { endRevokedConnections } from './end-revoked-connections.ts';
import { endForStop, openLiveStreams } from './judge-stream.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { openAdmin } from './open-admin.ts';
import type { OverloadLimits, OverloadWatch } from './overload-watch.ts';
import { openOverloadWatch, usualOverloadLimits } from './overload-watch.ts';
import { processFigures } from './observe/process-figures.ts';
import type { Program } from './program.ts';
import { configHash, reload } from './reload.ts';
import type { SnapshotServices } from './services.ts';
import { createSharedResources } from './shared-resources.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { openMemoryStore } from './store/memory-store.ts';
import { openRevocation } from './revocation/open-revocation.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import { watchFiles } from './watch-files.ts';

export interface ServeOptions extends SettingsInput {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes each log line; undefined: standard output. */
  readonly writeLog?: ((line: string) => void) | undefined;
  /** Warnings at the start, and the problems of a configuration refused on reload. */
  readonly showProblems: (problems: readonly Problem[]) => void;
  /** Those that differ from the listener's own. */
  readonly limits?: Partial<ListenerLimits> | undefined;
  /** Those that differ from the usual ones. */
  readonly overload?: Partial<OverloadLimits> | undefined;
  /** How often what is being forwarded is judged again; the usual two seconds when left out. */
  readonly judgeEveryMs?: number | undefined;
}

export type Served = { readonly ok: true; readonly server: Server } | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Server {
  readonly addresses: readonly SocketAddress[];
  /** Where everybody is sent to `https://`. */
  readonly redirectAddress: SocketAddress | undefined;
  /** True when the new configuration is in force. One reload at a time; a second call waits for its turn. */
  reload(): Promise<boolean>;
  /** Refuses new connections, lets what runs come to its end for `graceMs`, then cuts the rest and closes everything. Called again, it changes the grace. */
  stop(graceMs: number): Promise<void>;
}

const watchIntervalMs = 400;
const usualConnectionLookMs = 2_000;
// Of a grace: for the last words to streams that did not end in it.
const farewellMs = 500;

/** Opens everything a configuration names and serves it; answers its problems instead, with nothing left open, when there are any. */
export async function serve(options: ServeOptions): Promise<Served> {
  const read = await readConfiguration(options, options.now);
  if (!read.ok) return read;
  const services = await openServices(read.document, options);
  const built = await buildSnapshot(read.document, services);
  if (!built.ok) {
    await services.revocation[Symbol.asyncDispose]();
    await services.store[Symbol.asyncDispose]();
    return built;
  }
  options.showProblems(built.warnings);
  const current = createCurrent(built.snapshot, (error) =>
    services.log.error({ error }, 'Cannot close what an old configuration had open'),
  );
  const { log, metrics } = services;
  const { now } = options;
  const streams = openLiveStreams({ current, log, metrics, now }, options.judgeEveryMs);
  const program: Program = { current, log, metrics, streams, now };
  metrics.sessions(() => current.snapshot.identity.sessionCount());
  for (const [name, figure] of [...certificateEnds(() => current.snapshot), ...processFigures]) metrics.figure(name, figure);
  try {
    return { ok: true, server: await start(program, services, read.document, options) };
  } catch (error) {
    streams[Symbol.dispose]();
    await current.close();
    await services.revocation[Symbol.asyncDispose]();
    await services.store[Symbol.asyncDispose]();
    throw error;
  }
}

async function openServices({ settings }: SettingsDocument, { now, writeLog }: ServeOptions): Promise<SnapshotServices> {
  const { stateDirectory } = settings;
  const log = createLog({ level: settings.logLevel, write: writeLog, now });
  const onLooseFile = (file: string): void =>
    log.warn({ file }, 'Others could read the secrets; the file is private now. Whoever read them can make sessions: replace them');
  const secrets = readOrMakeSecrets({ stateDirectory, shared: settings.sharedSecrets, cookie: settings.cookie.secrets, onLooseFile });
  const metrics = createMetrics();
  return {
    now,
    log,
    secrets,
    metrics,
    store: stateDirectory === undefined ? openMemoryStore({ now }) : openSqliteStore({ directory: stateDirectory, now }),
    fallbackCertificate: await selfSignedFallback(['postern.invalid'], now()),
    resources: createSharedResources(),
    revocation: openRevocation({ now, log, onFetch: (kind, result) => metrics.revocationFetch(kind, result) }),
  };
}

async function start(program: Program, services: SnapshotServices, document: SettingsDocument, options: ServeOptions): Promise<Server> {
  const { settings } = document;
  // Everything that looks again and again, ended together.
  await using opened = new AsyncDisposableStack();
  const watches = opened.use(new DisposableStack());
  const overload = watches.use(watchOverload(program, { ...usualOverloadLimits, ...options.overload }));
  const state = { files: document.files, draining: false, started: false, overload, revocation: services.revocation };
  const listener = await listen(program, { settings, limits: options.limits, overload });
  opened.defer(() => listener.close());
  const endConnections = (isOver: (connection: Connection) => boolean): number => listener.endConnections(isOver);
  watches.use(endRevokedConnections({ program, endConnections, everyMs: options.judgeEveryMs ?? usualConnectionLookMs }));
  const endings = watches.use(openExpiryWarnings({ program }));
  const admin = await openAdmin(program, settings, state);
  let turn: Promise<boolean> = Promise.resolve(true);
  const reloadNow = async (): Promise<boolean> => {
    if (state.draining) return false;
    const { inForce, files } = await reload({
      program,
      services,
      input: options,
      openedWith: settings,
      showProblems: options.showProblems,
    });
    state.files = files;
    if (inForce) admin.renew(program.current.snapshot.settings);
    if (inForce) endings.look();
    return inForce;
  };
  const reloadInTurn = (): Promise<boolean> => (turn = turn.then(reloadNow).catch((error: unknown) => reloadFailed(error, program)));
  const watch = await watchFiles({
    files: () => (program.current.snapshot.settings.runtimeFlags.configHotReload ? state.files : []),
    changed: async () => void (await reloadInTurn()),
    intervalMs: watchIntervalMs,
    onError: (error) => program.log.error({ error }, 'Cannot look after the configuration files'),
  });
  state.started = true;
  tellHosts(program, document);
  program.metrics.reload('success', configHash(document));
  program.log.info(
    { addresses: listener.addresses, redirect_address: listener.redirectAddress, routes: settings.routes.length },
    'Postern is ready',
  );

  const drain = async (graceMs: number): Promise<void> => {
    // Without a grace there is no time to say anything.
    const say = (): void => (graceMs > 0 ? endForStop(program.streams) : undefined);
    const farewell = setTimeout(say, graceMs - Math.min(farewellMs, graceMs / 2));
    await listener.drain(graceMs);
    clearTimeout(farewell);
  };
  const close = async (graceMs: number): Promise<void> => {
    state.draining = true;
    watch[Symbol.dispose]();
    program.log.info({ grace_ms: graceMs }, 'Postern is stopping: no new connections are taken');
    await Promise.all([drain(graceMs), turn]);
    watches.dispose();
    program.streams[Symbol.dispose]();
    await admin.close();
    await program.current.close();
    await services.revocation[Symbol.asyncDispose]();
    await services.store[Symbol.asyncDispose]();
    program.log.info({}, 'Postern has stopped');
    await program.log.flush();
  };
  let closing: Promise<void> | undefined;
  opened.move();
  return {
    addresses: listener.addresses,
    redirectAddress: listener.redirectAddress,
    reload: reloadInTurn,
    async stop(graceMs) {
      if (closing !== undefined) await drain(graceMs);
      closing ??= close(graceMs);
      return closing;
    },
  };
}

/** Once, at the start: which host asks for which certificates, and why. Nothing where none does. */
function tellHosts({ current, log }: Program, { locate }: SettingsDocument): void {
  const hosts = certificateHosts(current.snapshot, locate).filter(({ asks }) => asks !== 'no');
  if (hosts.length > 0) log.info({ hosts }, 'Client certificates by host');
}

/** Nobody foresaw it, so nobody may be taken down by it: the configuration in force stays. */
function reloadFailed(error: unknown, { log, metrics }: Program): boolean {
  metrics.reload('failure', undefined);
  log.error({ error }, 'Cannot read or build the new configuration; the one before it serves on');
  return false;
}

/** One line when it begins and one when it is over; the requests turned away between have theirs. */
function watchOverload({ log, metrics }: Program, limits: OverloadLimits): OverloadWatch {
  return openOverloadWatch({
    limits,
    clock: () => performance.now(),
    onLag: (lagMs) => metrics.lag(lagMs),
    onChange(isOverloaded, lagMs) {
      if (isOverloaded) log.warn({ lag_ms: Math.round(lagMs) }, 'Postern is overloaded: new requests are answered 503');
      else log.warn({ lag_ms: Math.round(lagMs) }, 'Postern is no longer overloaded');
    },
  });
}
