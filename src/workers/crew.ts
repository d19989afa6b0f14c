import type { Log } from '../observe/log.ts';
import { restartPauseMs } from './restart-pause.ts';
import type { WorkerEnd, WorkerProcess } from './worker-process.ts';

export interface CrewOptions {
  readonly count: number;
  /** Starts the worker of this number. */
  readonly fork: (number: number) => WorkerProcess;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** Milliseconds; differences count only. */
  readonly clock: () => number;
  /** Called when a worker has ended, whyever. */
  readonly onEnd: (worker: WorkerProcess) => void;
  readonly times?: Partial<CrewTimes>;
}

export interface CrewTimes {
  /** How often each worker is asked whether it is there, and how many times in a row it may be silent. */
  readonly pingEveryMs: number;
  readonly mostSilent: number;
  /** How long one that was told to stop may take beyond its grace. */
  readonly lateMs: number;
}

const usualTimes: CrewTimes = { pingEveryMs: 5_000, mostSilent: 6, lateMs: 5_000 };

/** One that serves. */
export interface Member {
  readonly number: number;
  readonly worker: WorkerProcess;
  /** On the crew's clock. */
  readonly since: number;
}

interface Place {
  readonly number: number;
  worker: WorkerProcess | undefined;
  since: number;
  isServing: boolean;
  /** How many in a row died young. */
  quickEnds: number;
  silent: number;
}

/** The workers: as many as there are to be, each replaced when it ends by itself. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #times: CrewTimes;
  readonly #places: readonly Place[];
  readonly #first = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #watch: NodeJS.Timeout;
  #hasBegun = false;
  #isStopping = false;
  #restarts = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#times = { ...usualTimes, ...options.times };
    const numbers = Array.from({ length: options.count }, (_, index) => index + 1);
    this.#places = numbers.map((number) => ({ number, worker: undefined, since: 0, isServing: false, quickEnds: 0, silent: 0 }));
    this.#watch = setInterval(() => this.#look(), this.#times.pingEveryMs);
    this.#watch.unref();
  }

  /** Those that serve, in the order of their numbers. */
  get members(): readonly Member[] {
    return this.#places.flatMap(({ number, worker, since, isServing }) =>
      isServing && worker !== undefined ? [{ number, worker, since }] : [],
    );
  }

  /** All that were started and have not ended, those of this number left out. */
  others(than: number): readonly WorkerProcess[] {
    return this.#places.flatMap(({ number, worker }) => (number === than ? [] : (worker ?? [])));
  }

  /** How many were put in the place of one that had ended. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Starts the first one, which has the machine to itself until it serves; the others follow then. Rejects when it ends before: what keeps it
   * from starting would keep the others as well.
   */
  begin(): Promise<void> {
    const [first] = this.#places;
    if (first !== undefined) this.#start(first);
    return this.#first.promise;
  }

  /** The worker of this number has its listeners open. */
  serves(number: number): void {
    const place = this.#places[number - 1];
    if (place === undefined || place.worker === undefined) return;
    place.isServing = true;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#first.resolve();
    for (const other of this.#places) if (other !== place && !this.#isStopping) this.#start(other);
  }

  /** Tells all to stop, those at once that do not serve yet; resolves when none is left. One that is late is killed. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    for (const timer of this.#timers) clearTimeout(timer);
    const workers = this.#places.flatMap(({ worker }) => worker ?? []);
    for (const { worker, isServing } of this.#places) {
      if (isServing) worker?.channel.call('stop', graceMs).catch(() => undefined);
      else worker?.kill();
    }
    const late = setTimeout(() => {
      for (const worker of workers) worker.kill();
    }, graceMs + this.#times.lateMs);
    await Promise.all(workers.map(({ ended }) => ended));
    clearTimeout(late);
  }

  #start(place: Place): void {
    const worker = this.#options.fork(place.number);
    Object.assign(place, { worker, since: this.#options.clock(), isServing: false, silent: 0 });
    void worker.ended.then((end) => this.#ended(place, worker, end));
  }

  #ended(place: Place, worker: WorkerProcess, { status, signal, error }: WorkerEnd): void {
    const livedMs = this.#options.clock() - place.since;
    Object.assign(place, { worker: undefined, isServing: false });
    this.#options.onEnd(worker);
    if (this.#isStopping) return;
    const how = error?.message ?? signal ?? `status ${status}`;
    if (!this.#hasBegun) return this.#first.reject(new Error(`The first worker ended before it could serve: ${how}`));
    const { quickEnds, pauseMs } = restartPauseMs(place.quickEnds, livedMs);
    place.quickEnds = quickEnds;
    this.#options.log.error(
      { worker: place.number, pid: worker.pid, status, signal, error, restart_in_ms: pauseMs },
      'A worker has ended, and its connections with it; another one takes its place',
    );
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#restarts += 1;
      this.#start(place);
    }, pauseMs);
    this.#timers.add(timer);
  }

  /** The silence is counted in turns of ours, not in time: a machine that slept had none of its processes at work. */
  #look(): void {
    for (const place of this.#places) {
      const { worker, isServing, number } = place;
      if (worker === undefined || !isServing) continue;
      if (place.silent >= this.#times.mostSilent) {
        this.#options.log.error({ worker: number, pid: worker.pid }, 'A worker does not answer any more and is killed');
        worker.kill();
        continue;
      }
      place.silent += 1;
      void this.#ping(place, worker);
    }
  }

  async #ping(place: Place, worker: WorkerProcess): Promise<void> {
    try {
      await worker.channel.call('ping', undefined);
      if (place.worker === worker) place.silent = 0;
    } catch {
      // It is gone, and its end is told elsewhere.
    }
  }
}
