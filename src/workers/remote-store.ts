import type { Store } from '../store/store.ts';
import type { Channel } from './channel.ts';

interface Put {
  readonly key: string;
  readonly value: Uint8Array;
  readonly expiresAt: number;
}

/** A store as one process asks another for it. */
export type StoreFace = {
  readonly get: (key: string) => Promise<Uint8Array | undefined>;
  readonly put: (record: Put) => Promise<void>;
  readonly add: (record: Put) => Promise<boolean>;
  readonly replace: (record: Put & { readonly from: Uint8Array }) => Promise<boolean>;
  readonly remove: (key: string) => Promise<boolean>;
  readonly count: (prefix: string) => Promise<number>;
  readonly keys: (prefix: string) => Promise<readonly string[]>;
};

// A store in memory answers within a turn of the event loop: whoever waits longer waits for a process that hangs.
const patienceMs = 5_000;

/** The store of another process. Every operation rejects where that one is gone, or does not answer in five seconds. */
export function openRemoteStore({ call }: Pick<Channel<StoreFace>, 'call'>): Store {
  return {
    get: (key) => call('get', key, patienceMs),
    put: (key, value, expiresAt) => call('put', { key, value, expiresAt }, patienceMs),
    add: (key, value, expiresAt) => call('add', { key, value, expiresAt }, patienceMs),
    replace: (key, from, value, expiresAt) => call('replace', { key, from, value, expiresAt }, patienceMs),
    remove: (key) => call('remove', key, patienceMs),
    count: (prefix) => call('count', prefix, patienceMs),
    keys: (prefix) => call('keys', prefix, patienceMs),
    // Its life is that of the other process.
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** What the process answers that has the store. */
export function storeFace(store: Store): StoreFace {
  return {
    get: (key) => store.get(key),
    put: ({ key, value, expiresAt }) => store.put(key, value, expiresAt),
    add: ({ key, value, expiresAt }) => store.add(key, value, expiresAt),
    replace: ({ key, from, value, expiresAt }) => store.replace(key, from, value, expiresAt),
    remove: (key) => store.remove(key),
    count: (prefix) => store.count(prefix),
    keys: (prefix) => store.keys(prefix),
  };
}
