/** Few things at once: a place for each, and a bounded line of those who wait. */
export interface Slots {
  /**
   * Runs `task` when there is a place for it, and gives what it gives; undefined without having begun it when too many wait already, or
   * `signal` came first. `origin` is what must not take all the places for itself.
   */
  take<T>(origin: string, signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined>;
}

export interface SlotLimits {
  readonly atOnce: number;
  /** Of one origin: one that does not answer must leave places for the others. */
  readonly atOnceOfOne: number;
  readonly waiting: number;
}

interface Waiting {
  readonly origin: string;
  readonly begin: () => void;
}

export function createSlots({ atOnce, atOnceOfOne, waiting: mostWaiting }: SlotLimits): Slots {
  const running = new Map<string, number>();
  const line = new Set<Waiting>();
  let taken = 0;

  const isFree = (origin: string): boolean => taken < atOnce && (running.get(origin) ?? 0) < atOnceOfOne;
  function count(origin: string, change: 1 | -1): void {
    const now = (running.get(origin) ?? 0) + change;
    taken += change;
    if (now === 0) running.delete(origin);
    else running.set(origin, now);
  }
  function letNextIn(): void {
    for (const next of line) {
      if (taken >= atOnce) return;
      if (isFree(next.origin)) next.begin();
    }
  }
  /** Settles with whether there is a place, which is taken then. */
  function waitInLine(origin: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (begins: boolean): void => {
        line.delete(entry);
        signal.removeEventListener('abort', giveUp);
        if (begins) count(origin, 1);
        resolve(begins);
      };
      const giveUp = (): void => leave(false);
      const entry: Waiting = { origin, begin: () => leave(true) };
      line.add(entry);
      signal.addEventListener('abort', giveUp);
    });
  }

  return {
    async take(origin, signal, task) {
      if (signal.aborted) return undefined;
      if (isFree(origin)) count(origin, 1);
      else if (line.size >= mostWaiting || !(await waitInLine(origin, signal))) return undefined;
      try {
        return await task();
      } finally {
        count(origin, -1);
        letNextIn();
      }
    },
  };
}
