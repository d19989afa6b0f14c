import { randomBytes } from 'node:crypto';
import { configHash } from './config-hash.ts';
import type { Problem } from './config/problem.ts';
import type { SettingsInput } from './config/read-settings.ts';
import type { SettingsDocument } from './config/settings.ts';
import type { Log } from './observe/log.ts';
import { createLog } from './observe/log.ts';
import { mergeMetrics } from './observe/merge-metrics.ts';
import { createMetrics } from './observe/metrics.ts';
import { processFigures } from './observe/process-figures.ts';
import type { Front } from './open-front.ts';
import { openFront } from './open-front.ts';
import { readWithFiles } from './read-with-files.ts';
import type { Served, Server } from './serve.ts';
import { ToldProblem } from './start-problem.ts';
import { openMemoryStore } from './store/memory-store.ts';
import { problemText, tellInForce, tellRefused, tellReloadFailed } from './tell-reload.ts';
import { usualWatchMs, watchFiles } from './watch-files.ts';
import { Crew } from './workers/crew.ts';
import { openFigureBook } from './workers/figure-book.ts';
import { gatherFigures } from './workers/gather-figures.ts';
import { gatherStatus } from './workers/gather-status.ts';
import { reloadTogether } from './workers/reload-together.ts';
import type { FileContents } from './workers/remember-files.ts';
import { storeFace } from './workers/remote-store.ts';
import { tellOthers } from './workers/tell-others.ts';
import type { DoorAddresses, SharedParts, StartFailure, SupervisorFace } from './workers/worker-faces.ts';
import type { WorkerProcess } from './workers/worker-process.ts';

export interface SuperviseOptions {
  readonly input: SettingsInput;
  /** What was read of it, and what the files held. */
  readonly document: SettingsDocument;
  readonly files: FileContents;
  /** How many workers there are to be. */
  readonly count: number;
  /** Starts one, which asks for its order. */
  readonly fork: (number: number, answers: SupervisorFace) => WorkerProcess;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly showProblems: (problems: readonly Problem[]) => void;
}

/**
 * Serves with several processes: opens what there is one of (health checks, metrics, sessions that are kept in memory) and serves no request
 * itself. Resolves when the first worker serves, or with the problems that it found.
 */
export async function supervise(options: SuperviseOptions): Promise<Served> {
  const supervisor = new Supervisor(options);
  return supervisor.begin();
}

class Supervisor implements Server {
  readonly #options: SuperviseOptions;
  readonly #log: Log;
  readonly #metrics = createMetrics();
  readonly #book = openFigureBook();
  readonly #crew: Crew;
  readonly #store: ReturnType<typeof openMemoryStore>;
  readonly #ticketSeed = randomBytes(32);
  /** Which configuration each worker was given, or has prepared since. */
  readonly #given = new Map<number, FileContents>();
  #document: SettingsDocument;
  /** The files of the configuration in force. */
  #files: FileContents;
  /** Of the one that was read last, refused or not. */
  #watched: readonly string[];
  #shared: SharedParts | undefined;
  #front: Promise<Front> | undefined;
  #failure: StartFailure | undefined;
  #warnings: readonly Problem[] = [];
  #answering = 0;
  #watch: Disposable | undefined;
  #isDraining = false;
  #turn: Promise<boolean> = Promise.resolve(true);
  #closing: Promise<void> | undefined;
  #doors: DoorAddresses = { addresses: [], redirectAddress: undefined };

  constructor(options: SuperviseOptions) {
    const { document, files, count, now } = options;
    this.#options = options;
    this.#log = createLog({ level: document.settings.logLevel, sharesOutput: true, now });
    this.#store = openMemoryStore({ now });
    this.#document = document;
    this.#files = files;
    this.#watched = document.files;
    this.#crew = new Crew({
      count,
      fork: (number) => options.fork(number, this.#faceFor(number)),
      log: this.#log,
      clock: () => performance.now(),
      onEnd: (worker) => void this.#book.close(worker),
    });
    this.#metrics.figure('workers', () => this.#answering);
    this.#metrics.figure('worker_restarts_total', () => this.#crew.restarts);
    for (const [name, figure] of processFigures) this.#metrics.figure(name, figure);
  }

  get addresses(): Server['addresses'] {
    return this.#doors.addresses;
  }

  get redirectAddress(): Server['redirectAddress'] {
    return this.#doors.redirectAddress;
  }

  async begin(): Promise<Served> {
    try {
      await this.#crew.begin();
    } catch (error) {
      return await this.#fail(error);
    }
    const { count, showProblems } = this.#options;
    showProblems(this.#warnings);
    this.#watch = await watchFiles({
      files: () => (this.#document.settings.runtimeFlags.configHotReload ? this.#watched : []),
      changed: async () => void (await this.reload()),
      intervalMs: usualWatchMs,
      onError: (error) => this.#log.error({ error }, 'Cannot look after the configuration files'),
    });
    this.#metrics.reload('success', configHash(this.#document));
    const { addresses, redirectAddress } = this.#doors;
    const routes = this.#document.settings.routes.length;
    this.#log.info({ addresses, redirect_address: redirectAddress, routes, workers: count }, 'Postern is ready');
    return { ok: true, server: this };
  }

  reload(): Promise<boolean> {
    const failed = (error: unknown): boolean => {
      tellReloadFailed({ log: this.#log, metrics: this.#metrics }, error);
      return false;
    };
    return (this.#turn = this.#turn.then(() => this.#reloadNow()).catch(failed));
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#closing !== undefined) await this.#crew.stop(graceMs);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  #faceFor(number: number): SupervisorFace {
    return {
      ...storeFace(this.#store),
      order: async () => {
        this.#given.set(number, this.#files);
        const { count } = this.#options;
        return { number, count, files: this.#files, ticketSeed: this.#ticketSeed, shared: this.#shared };
      },
      doors: async (made) => {
        this.#shared ??= made;
        this.#front ??= this.#openFront();
        this.#doors = (await this.#front).doors;
        return this.#doors;
      },
      ready: (warnings) => {
        if (this.#crew.members.length === 0) this.#warnings = warnings;
        this.#crew.serves(number);
        void this.#bringUp(number);
      },
      failed: (failure) => this.#noteFailure(number, failure),
      changed: (key) => tellOthers(this.#crew, number, key),
    };
  }

  /** Before the first worker listens: nobody else may, and the health checks have to be there when it is ready. */
  #openFront(): Promise<Front> {
    const health = {
      // One worker that serves is enough: while one of them is replaced, the others have its share.
      started: () => this.#crew.members.length > 0,
      draining: () => this.#isDraining,
      status: async () => ({ ...(await gatherStatus(this.#crew, performance.now())), draining: this.#isDraining }),
    };
    const metrics = { contentType: this.#metrics.contentType, text: () => this.#metricsText() };
    return openFront({ settings: this.#document.settings, health, metrics, now: this.#options.now });
  }

  /** The start is given up: whoever was started is ended, whatever is open is closed, and the reason is told once. */
  async #fail(error: unknown): Promise<Served> {
    await this.#crew.stop(0);
    await this.#store[Symbol.asyncDispose]();
    // Where an address can't be had, that is the reason, and no worker knows it better.
    await (await this.#front)?.admin.close();
    if (this.#failure === undefined) throw error;
    if ('message' in this.#failure) throw new ToldProblem(this.#failure.message);
    return { ok: false, problems: this.#failure.problems };
  }

  #noteFailure(number: number, failure: StartFailure): void {
    this.#failure = failure;
    if (this.#crew.members.length === 0) return;
    const why = 'message' in failure ? { reason: failure.message } : { problems: failure.problems.map(problemText) };
    this.#log.error({ worker: number, ...why }, 'A worker can not begin');
  }

  /** For a worker that began while another configuration came in force. */
  #bringUp(number: number): Promise<boolean> {
    return (this.#turn = this.#turn.then(async () => {
      const member = this.#crew.members.find((each) => each.number === number);
      if (member === undefined || this.#given.get(number) === this.#files) return true;
      this.#given.set(number, this.#files);
      const { ok } = await reloadTogether([member], this.#files, () => undefined);
      // It may not serve what is no longer in force; its successor begins with what is.
      if (ok !== true) member.worker.kill();
      return true;
    }));
  }

  async #reloadNow(): Promise<boolean> {
    if (this.#isDraining) return false;
    const { input, showProblems } = this.#options;
    const { read, files } = readWithFiles(input);
    this.#watched = read.ok ? read.document.files : read.files;
    const result = await reloadTogether(this.#crew.members, files, (members) => {
      this.#files = files;
      for (const { number } of members) this.#given.set(number, files);
    });
    if (result.ok === 'nobody') throw new Error('No worker was there, or lived, to build the new configuration');
    const observers = { log: this.#log, metrics: this.#metrics };
    if (!result.ok || !read.ok) {
      const problems = result.ok ? [] : result.problems;
      tellRefused(observers, problems);
      showProblems(problems);
      return false;
    }
    this.#document = read.document;
    (await this.#front)?.admin.renew(read.document.settings);
    tellInForce(observers, { ...result, hash: configHash(read.document) });
    return true;
  }

  async #metricsText(): Promise<string> {
    this.#answering = await gatherFigures(() => this.#crew.members, this.#book);
    return mergeMetrics([await this.#metrics.dump(), ...this.#book.dumps]);
  }

  async #close(graceMs: number): Promise<void> {
    this.#isDraining = true;
    this.#watch?.[Symbol.dispose]();
    this.#log.info({ grace_ms: graceMs }, 'Postern is stopping: no new connections are taken');
    await Promise.all([this.#crew.stop(graceMs), this.#turn]);
    await (await this.#front)?.admin.close();
    await this.#store[Symbol.asyncDispose]();
    this.#log.info({}, 'Postern has stopped');
    await this.#log.flush();
  }
}
