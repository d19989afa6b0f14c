export interface Weighted<T> {
  readonly value: T;
  /** A whole number from 1. */
  readonly weight: number;
}

/**
 * Each value in turn, as often as its weight says and as evenly spread as can be (smooth weighted round robin); equal weights
 * keep the order given. Throws a `RangeError` for an empty list and for a weight that is none.
 */
export function weightedTurns<T>(entries: readonly Weighted<T>[]): () => T {
  const [first, ...others] = entries.map(({ value, weight }): Turn<T> => ({ value, weight, credit: 0 }));
  if (first === undefined) throw new RangeError('Cannot take turns among nobody');
  if (entries.some(({ weight }) => !Number.isSafeInteger(weight) || weight < 1))
    throw new RangeError('Cannot take turns by a weight below 1');
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  if (others.length === 0) return () => first.value;
  return () => {
    first.credit += first.weight;
    let chosen = first;
    for (const turn of others) {
      turn.credit += turn.weight;
      if (turn.credit > chosen.credit) chosen = turn;
    }
    chosen.credit -= total;
    return chosen.value;
  };
}

interface Turn<T> extends Weighted<T> {
  credit: number;
}
