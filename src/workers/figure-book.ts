import type { MetricDump } from '../observe/merge-metrics.ts';
import { addCounters, countersOf } from '../observe/merge-metrics.ts';

/** What is known of the figures of all workers, those that have ended included. */
export interface FigureBook {
  /** `figures` undefined: it did not answer in time, and what it counted until it did last stands for it. */
  note(worker: object, figures: MetricDump | undefined): void;
  /** What it counted is kept for good: a sum that went back would be a restart of everything to a scraper. */
  close(worker: object): Promise<void>;
  readonly dumps: readonly MetricDump[];
}

/**
 * Keeps counters from going backwards. What a worker counted after it was asked for the last time, and before it died, is lost; nobody has seen it.
 */
export function openFigureBook(): FigureBook {
  const pages = new Map<object, MetricDump>();
  let departed: MetricDump = [];
  let turn: Promise<void> = Promise.resolve();

  async function moveToDeparted(worker: object): Promise<void> {
    const left = pages.get(worker);
    if (left === undefined) return;
    // It has nothing open any more. Should they not be added up, they go on counting by themselves.
    pages.set(worker, countersOf(left));
    const sum = await addCounters([departed, left]);
    // Both at once: a scrape must not see it twice, nor not at all.
    pages.delete(worker);
    departed = sum;
  }

  return {
    note(worker, figures) {
      pages.set(worker, figures ?? countersOf(pages.get(worker) ?? []));
    },
    close(worker) {
      turn = turn.then(() => moveToDeparted(worker)).catch(() => undefined);
      return turn;
    },
    get dumps() {
      return [departed, ...pages.values()];
    },
  };
}
