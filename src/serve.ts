import type { Problem } from './config/problem.ts';
import type { SettingsInput } from './config/read-settings.ts';
import { readConfiguration } from './read-configuration.ts';
import type { Settings, SettingsDocument, SocketAddress } from './config/settings.ts';
import { selfSignedFallback } from './certificate/issue-certificate.ts';
import { createCurrent } from './current.ts';
import { handleRefusal, handleRequest } from './handle-request.ts';
import { handleUpgrade } from './handle-upgrade.ts';
import { readOrMakeSecrets } from './identity/secrets.ts';
import { limitsOfTimeouts } from './listener/limits-of-timeouts.ts';
import type { ListenerLimits } from './listener/listener-limits.ts';
import type { Listener } from './listener/open-listener.ts';
import { openListener } from './listener/open-listener.ts';
import { createLog } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { createMetrics } from './observe/metrics.ts';
import { openAdmin } from './open-admin.ts';
import type { Program } from './program.ts';
import { recordBrokenRequest } from './record-broken-request.ts';
import { recordHandshake } from './record-handshake.ts';
import { refuseHandshake } from './refuse-handshake.ts';
import { configHash, reload } from './reload.ts';
import type { SnapshotServices } from './services.ts';
import { createSharedResources } from './shared-resources.ts';
import { buildSnapshot } from './snapshot.ts';
import { openMemoryStore } from './store/memory-store.ts';
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

/** Opens everything a configuration names and serves it; answers its problems instead, with nothing left open, when there are any. */
export async function serve(options: ServeOptions): Promise<Served> {
  const read = await readConfiguration(options, options.now);
  if (!read.ok) return read;
  const services = await openServices(read.document, options);
  const built = await buildSnapshot(read.document, services);
  if (!built.ok) {
    await services.store[Symbol.asyncDispose]();
    return built;
  }
  options.showProblems(built.warnings);
  const current = createCurrent(built.snapshot, (error) =>
    services.log.error({ error }, 'Cannot close what an old configuration had open'),
  );
  const program: Program = { current, log: services.log, metrics: services.metrics, now: options.now };
  services.metrics.sessions(() => current.snapshot.identity.sessionCount());
  try {
    return { ok: true, server: await start(program, services, read.document, options) };
  } catch (error) {
    await current.close();
    await services.store[Symbol.asyncDispose]();
    throw error;
  }
}

async function openServices({ settings }: SettingsDocument, { now, writeLog }: ServeOptions): Promise<SnapshotServices> {
  const { stateDirectory } = settings;
  const log = createLog({ level: settings.logLevel, write: writeLog, now });
  const secrets = readOrMakeSecrets({ stateDirectory, shared: settings.sharedSecret, cookie: settings.cookie.secret });
  return {
    now,
    log,
    secrets,
    metrics: createMetrics(),
    store: stateDirectory === undefined ? openMemoryStore({ now }) : openSqliteStore({ directory: stateDirectory, now }),
    fallbackCertificate: await selfSignedFallback(['postern.invalid'], now()),
    resources: createSharedResources(),
  };
}

async function start(program: Program, services: SnapshotServices, document: SettingsDocument, options: ServeOptions): Promise<Server> {
  const { settings } = document;
  const state = { files: document.files, draining: false, started: false };
  const listener = await listen(program, settings, options.limits);
  const admin = await openAdmin(program, settings, state).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
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
  program.metrics.reload('success', configHash(document));
  program.log.info(
    { addresses: listener.addresses, redirect_address: listener.redirectAddress, routes: settings.routes.length },
    'Postern is ready',
  );

  const close = async (graceMs: number): Promise<void> => {
    state.draining = true;
    watch[Symbol.dispose]();
    program.log.info({ grace_ms: graceMs }, 'Postern is stopping: no new connections are taken');
    await Promise.all([listener.drain(graceMs), turn]);
    await admin.close();
    await program.current.close();
    await services.store[Symbol.asyncDispose]();
    program.log.info({}, 'Postern has stopped');
    await program.log.flush();
  };
  let closing: Promise<void> | undefined;
  return {
    addresses: listener.addresses,
    redirectAddress: listener.redirectAddress,
    reload: reloadInTurn,
    async stop(graceMs) {
      if (closing !== undefined) await listener.drain(graceMs);
      closing ??= close(graceMs);
      return closing;
    },
  };
}

/** Nobody foresaw it, so nobody may be taken down by it: the configuration in force stays. */
function reloadFailed(error: unknown, { log, metrics }: Program): boolean {
  metrics.reload('failure', undefined);
  log.error({ error }, 'Cannot read or build the new configuration; the one before it serves on');
  return false;
}

function listen(program: Program, settings: Settings, limits: ServeOptions['limits']): Promise<Listener> {
  return openListener({
    addresses: settings.address,
    insecure: settings.insecureServer,
    proxyProtocol: settings.useProxyProtocol,
    redirectAddress: settings.httpRedirectAddress,
    limits: { ...limitsOfTimeouts(settings.timeouts), ...limits },
    now: program.now,
    groups: () => program.current.snapshot.groups,
    inboundRules: () => program.current.snapshot.settings.inboundRules,
    handlers: {
      onRequest: (exchange) => handleRequest(exchange, program),
      onRefusal: (refusal, sink) => handleRefusal(refusal, sink, program),
      onUpgrade: (upgrade) => handleUpgrade(upgrade, program),
      onHandshake: (outcome) => recordHandshake(outcome, program),
      judgeHandshake: (connection) => refuseHandshake(connection, program.current.snapshot, program.now()),
      onFault: (error) => program.log.error({ error }, 'A fault was contained'),
      onBrokenRequest: (connection, status, reason) => recordBrokenRequest(connection, status, reason, program),
      onOverdue: (inbound) => program.log.warn({ request_id: inbound.id }, 'A request took longer than timeout_write and is cut'),
      onConnectionCount: connectionCounter(program.metrics),
    },
  });
}

/** The listener tells how many there are; the metrics count comings and goings. */
function connectionCounter(metrics: Metrics): (open: number) => void {
  let counted = 0;
  return (open) => {
    for (; counted < open; counted += 1) metrics.connectionOpened();
    for (; counted > open; counted -= 1) metrics.connectionClosed();
  };
}
