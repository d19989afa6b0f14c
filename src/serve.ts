import { configHash } from './config-hash.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsInput, SettingsResult } from './config/read-settings.ts';
import type { SocketAddress } from './config/settings.ts';
import type { ListenerLimits } from './listener/listener-limits.ts';
import { loadLater } from './load-later.ts';
import { openAdmin } from './open-admin.ts';
import { openDoors } from './open-doors.ts';
import type { OpenedProgram } from './open-program.ts';
import { openProgram, tellHosts } from './open-program.ts';
import type { OverloadLimits } from './overload-watch.ts';
import { programStatus } from './program-status.ts';
import { readConfiguration } from './read-configuration.ts';
import { reload } from './reload.ts';
import { tellReloadFailed } from './tell-reload.ts';
import { usualWatchMs, watchFiles } from './watch-files.ts';

export interface ServeOptions extends SettingsInput {
  /** What was read of it a moment ago; undefined: it is read. */
  readonly alreadyRead?: SettingsResult | undefined;
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

/**
 * Opens everything a configuration names and serves it, in this process and whatever it says of `workers`; answers its problems instead, with
 * nothing left open, when there are any.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { alreadyRead } = options;
  const opened = await openProgram({ ...options, read: () => readConfiguration(options, options.now, alreadyRead) });
  if (!opened.ok) return opened;
  options.showProblems(opened.warnings);
  try {
    return { ok: true, server: await start(opened, options) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(served: OpenedProgram, options: ServeOptions): Promise<Server> {
  const { program, services, document } = served;
  const { settings } = document;
  const { log, metrics, now } = program;
  await using opened = new AsyncDisposableStack();
  const { limits, overload, judgeEveryMs } = options;
  const doors = await openDoors(program, { settings, limits, overload, lookEveryMs: judgeEveryMs, warnsOfEndings: true });
  opened.defer(() => doors.close());
  opened.defer(() => doors.drain(0));
  const state = { files: document.files, draining: false, started: false, overload: doors.overload, revocation: services.revocation };
  metrics.figure('workers', () => 1);
  metrics.figure('worker_restarts_total', () => 0);
  const health = { started: () => state.started, draining: () => state.draining, status: () => programStatus(program, state) };
  const admin = await openAdmin({ settings, health, metrics, now });
  opened.defer(() => admin.close());
  let turn: Promise<boolean> = Promise.resolve(true);
  const reloadNow = async (): Promise<boolean> => {
    if (state.draining) return false;
    const { showProblems } = options;
    const read = (): ReturnType<typeof readConfiguration> => readConfiguration(options, now);
    const { inForce, files } = await reload({ program, services, read, openedWith: settings, showProblems });
    state.files = files;
    if (inForce) admin.renew(program.current.snapshot.settings);
    if (inForce) doors.configured();
    return inForce;
  };
  const failed = (error: unknown): boolean => {
    tellReloadFailed(program, error);
    return false;
  };
  const reloadInTurn = (): Promise<boolean> => (turn = turn.then(reloadNow).catch(failed));
  const watch = await watchFiles({
    files: () => (program.current.snapshot.settings.runtimeFlags.configHotReload ? state.files : []),
    changed: async () => void (await reloadInTurn()),
    intervalMs: usualWatchMs,
    onError: (error) => log.error({ error }, 'Cannot look after the configuration files'),
  });
  state.started = true;
  tellHosts(program, document);
  metrics.reload('success', configHash(document));
  const { addresses, redirectAddress } = doors;
  log.info({ addresses, redirect_address: redirectAddress, routes: settings.routes.length }, 'Postern is ready');
  void loadLater(settings, log);

  const close = async (graceMs: number): Promise<void> => {
    state.draining = true;
    watch[Symbol.dispose]();
    log.info({ grace_ms: graceMs }, 'Postern is stopping: no new connections are taken');
    await Promise.all([doors.drain(graceMs), turn]);
    doors.close();
    await admin.close();
    await served.close();
    log.info({}, 'Postern has stopped');
    await log.flush();
  };
  let closing: Promise<void> | undefined;
  opened.move();
  return {
    addresses,
    redirectAddress,
    reload: reloadInTurn,
    async stop(graceMs) {
      if (closing !== undefined) await doors.drain(graceMs);
      closing ??= close(graceMs);
      return closing;
    },
  };
}
