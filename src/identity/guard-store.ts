import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Store } from '../store/store.ts';

/** The same store, whose faults are `ProxyFailure`s: a request that needs a broken store fails, it is never let through. */
export function guardStore(store: Store): Omit<Store, typeof Symbol.asyncDispose> {
  return {
    get: async (key) => guard(store.get(key)),
    put: async (key, value, expiresAt) => guard(store.put(key, value, expiresAt)),
    add: async (key, value, expiresAt) => guard(store.add(key, value, expiresAt)),
    replace: async (key, from, value, expiresAt) => guard(store.replace(key, from, value, expiresAt)),
    remove: async (key) => guard(store.remove(key)),
    count: async (prefix) => guard(store.count(prefix)),
    keys: async (prefix) => guard(store.keys(prefix)),
  };
}

/** What the rest of the room sees of the store: its life is not theirs to end. */
export type GuardedStore = ReturnType<typeof guardStore>;

async function guard<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw new ProxyFailure('store-failed', 'Cannot reach the sessions', { cause: error });
  }
}
