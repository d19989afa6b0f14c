import type { SettingsInput, SettingsResult } from './config/read-settings.ts';
import type { Settings } from './config/settings.ts';
import { deferUpkeep } from './defer-upkeep.ts';
import { loadLater } from './load-later.ts';
import type { Doors } from './open-doors.ts';
import { openDoors } from './open-doors.ts';
import type { OpenedProgram } from './open-program.ts';
import { openProgram, tellHosts } from './open-program.ts';
import { programStatus } from './program-status.ts';
import { readConfiguration } from './read-configuration.ts';
import type { PreparedReload } from './reload.ts';
import { prepareReload } from './reload.ts';
import { startProblem } from './start-problem.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Channel, Pipe } from './workers/channel.ts';
import { openChannel } from './workers/channel.ts';
import type { FileContents } from './workers/remember-files.ts';
import { replayFiles } from './workers/remember-files.ts';
import { openRemoteStore } from './workers/remote-store.ts';
import { shareCapacity } from './workers/share-capacity.ts';
import type { SharedStore } from './workers/shared-store.ts';
import { shareStore } from './workers/shared-store.ts';
import type { SupervisorFace, WorkerFace, WorkerOrder } from './workers/worker-faces.ts';

export interface WorkOptions {
  /** Where the supervisor read the configuration; what it read comes from it. */
  readonly input: SettingsInput;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** To the supervisor. */
  readonly pipe: Pipe;
}

type Supervisor = Channel<SupervisorFace>;

// Whoever started this process is gone, and with it the metrics, the reload and perhaps the sessions: no more than what is nearly done is waited for.
const orphanGraceMs = 5_000;
const tellMs = 2_000;

/** One of several processes that serve together: does what the supervisor says until it is told to stop. False: it could not begin. */
export async function work({ input, now, pipe }: WorkOptions): Promise<boolean> {
  const face = Promise.withResolvers<WorkerFace>();
  const supervisor = openChannel<SupervisorFace>(pipe, face.promise);
  const order = await supervisor.call('order', undefined);
  const upkeep = deferUpkeep('optimizing', 'marking');
  const read = async (files: FileContents): Promise<SettingsResult> =>
    withShare(await readConfiguration({ ...input, readFile: replayFiles(files) }, now), order.count);
  const sharing = openSharing(supervisor, now);
  let opened: OpenedProgram | undefined;
  let working: Working | undefined;
  try {
    const shares = { parts: order.shared, openStore: (settings: Settings) => sharing.open(settings), countsSessions: order.number === 1 };
    const result = await openProgram({ read: () => read(order.files), now, shares });
    if (!result.ok) {
      await supervisor.call('failed', { problems: result.problems });
      return false;
    }
    opened = result;
    const doors = await listenWithOthers(opened, order, supervisor);
    working = createWorking(opened, { doors, read });
    void supervisor.closed.then(() => working?.leave());
    face.resolve({ ...working.face, changed: (key) => sharing.tellChanged(key) });
    if (order.number === 1 && order.shared === undefined) tellHosts(opened.program, opened.document);
    await supervisor.call('ready', opened.warnings);
    upkeep[Symbol.dispose]();
    void loadLater(opened.document.settings, opened.program.log);
    await working.ended;
    return true;
  } catch (error) {
    await supervisor.call('failed', { message: startProblem(error) }).catch(() => undefined);
    // Who listens already does not end before that is over, and would have its share of the connections for ever.
    await (working?.face.stop(orphanGraceMs) ?? opened?.close());
    return false;
  }
}

/** What all workers together may take on is divided among them before anybody looks at it. */
function withShare(read: SettingsResult, count: number): SettingsResult {
  if (!read.ok) return read;
  const { document } = read;
  return {
    ok: true,
    document: { ...document, settings: { ...document.settings, capacity: shareCapacity(document.settings.capacity, count) } },
  };
}

interface Sharing {
  open(settings: Settings): SharedStore['store'];
  tellChanged(key: string): void;
}

/** The database itself where there is one; else the supervisor has the records in its memory. */
function openSharing(supervisor: Supervisor, now: () => number): Sharing {
  let shared: SharedStore | undefined;
  return {
    open({ stateDirectory }) {
      const store = stateDirectory === undefined ? openRemoteStore(supervisor) : openSqliteStore({ directory: stateDirectory, now });
      shared = shareStore(store, (key) => supervisor.call('changed', key, tellMs));
      return shared.store;
    },
    tellChanged: (key) => shared?.tellChanged(key),
  };
}

async function listenWithOthers(opened: OpenedProgram, order: WorkerOrder, supervisor: Supervisor): Promise<Doors> {
  const { program, services, document } = opened;
  const { secrets, fallbackCertificate } = services;
  const shared = { ...(await supervisor.call('doors', { secrets, fallbackCertificate })), ticketSeed: order.ticketSeed };
  return openDoors(program, { settings: document.settings, limits: undefined, shared, warnsOfEndings: order.number === 1 });
}

interface Working {
  readonly face: Omit<WorkerFace, 'changed'>;
  /** Resolves when nothing is left. */
  readonly ended: Promise<void>;
  /** There is nobody any more who says when to stop. */
  leave(): void;
}

interface WorkingParts {
  readonly doors: Doors;
  readonly read: (files: FileContents) => Promise<SettingsResult>;
}

function createWorking(opened: OpenedProgram, { doors, read }: WorkingParts): Working {
  const { program, services, document } = opened;
  const { log, metrics } = program;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const state = { draining: false, overload: doors.overload, revocation: services.revocation };
  let prepared: PreparedReload | undefined;
  let closing: Promise<void> | undefined;

  async function close(graceMs: number): Promise<void> {
    state.draining = true;
    await doors.drain(graceMs);
    doors.close();
    await opened.close();
    await log.flush();
    end();
  }
  async function stop(graceMs: number): Promise<void> {
    if (closing !== undefined) await doors.drain(graceMs);
    closing ??= close(graceMs);
    return closing;
  }
  async function abandon(): Promise<void> {
    const unused = prepared;
    prepared = undefined;
    await unused?.abandon();
  }

  return {
    ended,
    leave() {
      if (closing !== undefined) return;
      log.error({}, 'The supervisor is gone: this worker stops');
      // Who ends what is left over, of a service for one, need not wait.
      process.on('SIGTERM', () => void stop(0));
      void stop(orphanGraceMs);
    },
    face: {
      async prepare(files) {
        await abandon();
        const result = await prepareReload({ program, services, read: () => read(files), openedWith: document.settings });
        if (!result.ok) return { ok: false, problems: result.problems };
        prepared = result;
        return { ok: true, warnings: result.warnings, needsRestart: result.needsRestart };
      },
      commit() {
        prepared?.commit();
        prepared = undefined;
        doors.configured();
      },
      abandon,
      figures: () => metrics.dump(),
      status: () => ({ ...programStatus(program, state), connections: metrics.openConnections }),
      ping: () => undefined,
      stop,
    },
  };
}
