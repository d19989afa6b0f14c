export interface TurnsOptions {
  /** How much of one turn of the event loop its tasks may take; one of them runs in any case. */
  readonly budgetMs: number;
  /** Milliseconds; differences count only. */
  readonly now: () => number;
}

/**
 * Runs tasks in the order they came, some in each turn of the event loop, so that everything else gets its turn between them. What a task
 * leaves to the next tick counts as a part of it. Tasks do not throw.
 */
export function takeTurns({ budgetMs, now }: TurnsOptions): (task: () => void) => void {
  const waiting: (() => void)[] = [];
  let isDue = false;

  function begin(): void {
    run(now() + budgetMs);
  }

  function run(until: number): void {
    waiting.shift()?.();
    process.nextTick(goOn, until);
  }

  function goOn(until: number): void {
    isDue = waiting.length > 0;
    if (isDue && now() < until) run(until);
    else if (isDue) setImmediate(begin);
  }

  return (task) => {
    waiting.push(task);
    if (!isDue) setImmediate(begin);
    isDue = true;
  };
}
