/** A map that forgets what was not asked for longest once what it holds weighs more than `limit`. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/**
 * Visitors choose many of the keys we remember, so nothing that remembers may grow without a bound. An entry weighs 1 unless told otherwise,
 * which makes `limit` their number; it is weighed once.
 */
export function createBoundedMap<Key, Value>(limit: number, weigh: (value: Value) => number = () => 1): BoundedMap<Key, Value> {
  const entries = new Map<Key, { readonly value: Value; readonly weight: number }>();
  let held = 0;

  function remove(key: Key): void {
    held -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      // A map keeps the order of insertion: moving the entry to the end leaves the least recently used one first.
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const weight = weigh(value);
      entries.set(key, { value, weight });
      held += weight;
      for (const oldest of entries.keys()) {
        if (held <= limit) return;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
