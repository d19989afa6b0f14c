/** A map that forgets what was not asked for longest once what it holds weighs more than `limit`. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

interface Entry<Key, Value> {
  readonly key: Key;
  value: Value;
  weight: number;
  /** Asked for just before this one, and just after it; undefined at the ends. */
  older: Entry<Key, Value> | undefined;
  newer: Entry<Key, Value> | undefined;
}

/**
 * Visitors choose many of the keys we remember, so nothing that remembers may grow without a bound. An entry weighs 1 unless told otherwise,
 * which makes `limit` their number; it is weighed when it is set. `onPushedOut` is told of what the limit made it forget, and of nothing else.
 */
export function createBoundedMap<Key, Value>(
  limit: number,
  weigh: (value: Value) => number = () => 1,
  onPushedOut: (key: Key, value: Value) => void = () => undefined,
): BoundedMap<Key, Value> {
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

  function makeNewest(entry: Entry<Key, Value>): void {
    if (entry === newest) return;
    takeOut(entry);
    append(entry);
  }

  function remove(entry: Entry<Key, Value>): void {
    entries.delete(entry.key);
    held -= entry.weight;
    takeOut(entry);
  }

  function add(key: Key, value: Value, weight: number): void {
    const entry: Entry<Key, Value> = { key, value, weight, older: undefined, newer: undefined };
    entries.set(key, entry);
    append(entry);
    held += weight;
  }

  function replace(entry: Entry<Key, Value>, value: Value, weight: number): void {
    held += weight - entry.weight;
    entry.value = value;
    entry.weight = weight;
    makeNewest(entry);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      makeNewest(entry);
      return entry.value;
    },
    set(key, value) {
      const entry = entries.get(key);
      if (entry === undefined) add(key, value, weigh(value));
      else replace(entry, value, weigh(value));
      while (held > limit) {
        const pushedOut = oldest;
        if (pushedOut === undefined) return;
        remove(pushedOut);
        onPushedOut(pushedOut.key, pushedOut.value);
      }
    },
    delete(key) {
      const entry = entries.get(key);
      if (entry !== undefined) remove(entry);
    },
  };
}
