import type { LaterRegistry } from './later-registry.ts';
import type { MetricEntry } from './metric-table.ts';

/** One more of what the labels say, in their order; those that the metric does not have are left out. */
export type CountOne = (first: string, second?: string, third?: string | number) => void;

interface Cell {
  readonly labels: Record<string, string>;
  pending: number;
}

/**
 * A counter that adds up in cells of its own and hands the sums over at scrape time: the library builds and checks an object of labels
 * for every increment, which is too much for every request. A cell is found step by step, label by label, so that nothing is put together.
 */
export function countedBy(later: LaterRegistry, name: string, { help, labels }: Pick<MetricEntry, 'help' | 'labels'>): CountOne {
  const cells: Cell[] = [];
  const byFirst = new Map<string, Map<string, Map<string | number, Cell>>>();
  later.add(({ Counter }, registry) => {
    // oxlint-disable-next-line no-new -- the registry keeps it
    new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect(): void {
        for (const cell of cells) {
          this.inc(cell.labels, cell.pending);
          cell.pending = 0;
        }
      },
    });
  });
  return (first, second = 'none', third = 'none') => {
    const known = byFirst.get(first)?.get(second)?.get(third);
    if (known !== undefined) {
      known.pending += 1;
      return;
    }
    const values = [first, second, String(third)];
    const cell: Cell = { labels: Object.fromEntries(labels.map((label, index) => [label, values[index] ?? 'none'])), pending: 1 };
    cells.push(cell);
    const bySecond = within(byFirst, first, () => new Map<string, Map<string | number, Cell>>());
    within(bySecond, second, () => new Map<string | number, Cell>()).set(third, cell);
  };
}

function within<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
