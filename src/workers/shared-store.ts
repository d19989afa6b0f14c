import type { Store } from '../store/store.ts';

export interface SharedStore {
  readonly store: Store;
  /** Somebody else changed a record: whoever remembers it hears of it. */
  readonly tellChanged: (key: string) => void;
}

/**
 * A store whose other users are told of changes, and tell of theirs. What is removed is known to all of them when the removal resolves, so that
 * nobody who was told to have signed out is let in by a process that remembers the session; other changes are told beside the request.
 */
export function shareStore(store: Store, tellOthers: (key: string) => Promise<void>): SharedStore {
  const listeners = new Set<(key: string) => void>();
  const tellBeside = (key: string): void => void tellOthers(key).catch(() => undefined);
  return {
    tellChanged(key) {
      for (const listener of listeners) listener(key);
    },
    store: {
      get: (key) => store.get(key),
      count: (prefix) => store.count(prefix),
      keys: (prefix) => store.keys(prefix),
      async put(key, value, expiresAt) {
        await store.put(key, value, expiresAt);
        tellBeside(key);
      },
      async add(key, value, expiresAt) {
        const isNew = await store.add(key, value, expiresAt);
        if (isNew) tellBeside(key);
        return isNew;
      },
      async replace(key, from, value, expiresAt) {
        const isReplaced = await store.replace(key, from, value, expiresAt);
        // The record of what was ended may be a replacement that has expired.
        if (isReplaced) await tellOthers(key).catch(() => undefined);
        return isReplaced;
      },
      async remove(key) {
        const wasThere = await store.remove(key);
        // Where they can't be told, what they remember is a minute old at most.
        if (wasThere) await tellOthers(key).catch(() => undefined);
        return wasThere;
      },
      onChange(listener) {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    },
  };
}
