/** When the process counts as overloaded, by how late it comes to a task that is due every `everyMs`. */
export interface OverloadLimits {
  readonly everyMs: number;
  /** So late, so many times in a row: overloaded. Once alone is a pause of the machine, twice a reload of thousands of routes. */
  readonly enterLagMs: number;
  readonly enterTimes: number;
  /** Less late than that, so many times in a row: no longer. Lower and longer than the way in, or it would flicker. */
  readonly leaveLagMs: number;
  readonly leaveTimes: number;
}

export const usualOverloadLimits: OverloadLimits = { everyMs: 100, enterLagMs: 1_000, enterTimes: 3, leaveLagMs: 250, leaveTimes: 5 };

export interface OverloadWatchOptions {
  readonly limits: OverloadLimits;
  /** Milliseconds of a clock that nobody sets: the wall clock would jump. */
  readonly clock: () => number;
  readonly onLag: (lagMs: number) => void;
  readonly onChange: (isOverloaded: boolean, lagMs: number) => void;
}

export interface OverloadWatch extends Disposable {
  readonly isOverloaded: boolean;
}

/**
 * Watches how late timers go off. A process that has more to do than it can comes to each request later and later, until every client
 * has given up on the answer it gets at last; it has to say no early, which costs next to nothing, to have time for those it says yes to.
 */
export function openOverloadWatch({ limits, clock, onLag, onChange }: OverloadWatchOptions): OverloadWatch {
  let last = clock();
  let isOverloaded = false;
  let inRow = 0;
  const timer = setInterval(() => {
    const at = clock();
    const lagMs = Math.max(0, at - last - limits.everyMs);
    last = at;
    onLag(lagMs);
    const isAgainst = isOverloaded ? lagMs < limits.leaveLagMs : lagMs >= limits.enterLagMs;
    inRow = isAgainst ? inRow + 1 : 0;
    if (inRow < (isOverloaded ? limits.leaveTimes : limits.enterTimes)) return;
    inRow = 0;
    isOverloaded = !isOverloaded;
    onChange(isOverloaded, lagMs);
  }, limits.everyMs);
  timer.unref();
  return {
    get isOverloaded() {
      return isOverloaded;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
