/** Things that outlive a snapshot because the next one wants them unchanged: connection pools, the identity with its warm sessions. */
export interface SharedResources {
  /** The resource of that key, made when nobody holds one. Each `acquire` is answered by one `release`; the last one disposes it. */
  acquire<T extends AsyncDisposable>(key: string, make: () => T): SharedResource<T>;
}

export interface SharedResource<T> {
  readonly value: T;
  release(): Promise<void>;
}

export function createSharedResources(): SharedResources {
  const held = new Map<string, { readonly value: AsyncDisposable; users: number }>();
  return {
    acquire<T extends AsyncDisposable>(key: string, make: () => T): SharedResource<T> {
      const entry = held.get(key) ?? { value: make(), users: 0 };
      held.set(key, entry);
      entry.users += 1;
      return {
        // The key names the kind as well as the settings, so what stands under it was made by the same `make`.
        value: entry.value as T,
        async release() {
          entry.users -= 1;
          if (entry.users > 0) return;
          held.delete(key);
          await entry.value[Symbol.asyncDispose]();
        },
      };
    },
  };
}
