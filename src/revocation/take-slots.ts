/** Few things at once: a place for each, and a bounded line of those who wait for each origin. */
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
  /** Of one origin, too: those who wait for one that does not answer must not keep others from waiting. */
  readonly waitingForOne: number;
}

interface Waiting {
  readonly origin: string;
  readonly begin: () => void;
}

export function createSlots({ atOnce, atOnceOfOne, waitingForOne }: SlotLimits): Slots {
  const running = new Map<string, number>();
  const line = new Set<Waiting>();
  const lengths = new Map<string, number>();
  let taken = 0;

  const isFree = (origin: string): boolean => taken < atOnce && (running.get(origin) ?? 0) < atOnceOfOne;
  function countRunning(origin: string, change: 1 | -1): void {
    taken += change;
    count(running, origin, change);
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
        count(lengths, origin, -1);
        signal.removeEventListener('abort', giveUp);
        if (begins) countRunning(origin, 1);
        resolve(begins);
      };
      const giveUp = (): void => leave(false);
      const entry: Waiting = { origin, begin: () => leave(true) };
      line.add(entry);
      count(lengths, origin, 1);
      signal.addEventListener('abort', giveUp);
    });
  }

  return {
    async take(origin, signal, task) {
      if (signal.aborted) return undefined;
      if (isFree(origin)) countRunning(origin, 1);
      else if ((lengths.get(origin) ?? 0) >= waitingForOne || !(await waitInLine(origin, signal))) return undefined;
      try {
        return await task();
      } finally {
        countRunning(origin, -1);
        letNextIn();
      }
    },
  };
}

function count(counts: Map<string, number>, origin: string, change: 1 | -1): void {
  const now = (counts.get(origin) ?? 0) + change;
  if (now === 0) counts.delete(origin);
  else counts.set(origin, now);
}
