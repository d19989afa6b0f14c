/** Small records that expire. Keys and values are of no concern here: sealed bytes in, the same bytes out. Times are milliseconds since 1970. */
export interface Store extends AsyncDisposable {
  /** Undefined when absent or expired. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array, expiresAt: number): Promise<void>;
  /** Puts only where nothing (unexpired) stands; false when something does. The one operation that makes things happen once. */
  add(key: string, value: Uint8Array, expiresAt: number): Promise<boolean>;
  /**
   * Puts only where exactly the bytes of `from` stand, unexpired; false otherwise. So nobody's change is lost between a read and a write,
   * and what was removed in the meantime stays removed.
   */
  replace(key: string, from: Uint8Array, value: Uint8Array, expiresAt: number): Promise<boolean>;
  /** True when something unexpired was there. */
  remove(key: string): Promise<boolean>;
  /** How many unexpired records have a key that begins with `prefix`. */
  count(prefix: string): Promise<number>;
  /** The keys of unexpired records that begin with `prefix`, in no order. The time that takes grows with what is found, in a file. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Tells the keys of records that others changed, removed or made, where there are others who say so; whoever remembers a record forgets it then. */
  onChange?(listener: (key: string) => void): Disposable;
}
