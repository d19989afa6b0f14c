/** A map that forgets what was not asked for longest once what it holds weighs more than `limit`. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

interface Entry<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly weight: number;
  /** Asked for just before this one, and just after it; undefined at the ends. */
  older: Entry<Key, Value> | undefined;
  newer: Entry<Key, Value> | undefined;
}

/**
 * Visitors choose many of the keys we remember, so nothing that remembers may grow without a bound. An entry weighs 1 unless told otherwise,
 * which makes `limit` their number; it is weighed once.
 */
export function createBoundedMap<Key, Value>(limit: number, weigh: (value: Value) => number = () => 1): BoundedMap<Key, Value> {
  const entries = new Map<Key, Entry<Key, Value>>();
  // A list beside the map: moving an entry to the end of the map itself, out and in again, makes the map grow and be copied over and over.
  let oldest: Entry<Key, Value> | undefined;
  let newest: Entry<Key, Value> | undefined;
  let held = 0;

  function append(entry: Entry<Key, Value>): void {
    entry.older = newest;
    entry.newer = undefined;
    if (newest === undefined) oldest = entry;
    else newest.newer = entry;
    newest = entry;
  }

  function takeOut({ older, newer }: Entry<Key, Value>): void {
    if (older === undefined) oldest = newer;
    else older.newer = newer;
    if (newer === undefined) newest = older;
    else newer.older = older;
  }

  function remove(key: Key): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    held -= entry.weight;
    takeOut(entry);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry !== newest) {
        takeOut(entry);
        append(entry);
      }
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const entry: Entry<Key, Value> = { key, value, weight: weigh(value), older: undefined, newer: undefined };
      entries.set(key, entry);
      append(entry);
      held += entry.weight;
      while (held > limit) {
        if (oldest === undefined) return;
        remove(oldest.key);
      }
    },
    delete: remove,
  };
}
