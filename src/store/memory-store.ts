import type { Store } from './store.ts';

export interface MemoryStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many records there may be, expired ones that were not swept yet included; a million when not said. */
  readonly maxRecords?: number;
}

const sweepEveryMs = 60_000;

/**
 * Records that end with the process. A full store refuses new records rather than forgetting old ones: a forgotten record
 * may be the one that makes something happen only once.
 */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  return new MemoryStore(options);
}

class MemoryStore implements Store {
  readonly #now: () => number;
  readonly #maxRecords: number;
  readonly #records = new Map<string, { readonly value: Uint8Array; readonly expiresAt: number }>();
  readonly #sweep: NodeJS.Timeout;

  constructor({ now, maxRecords = 1_000_000 }: MemoryStoreOptions) {
    this.#now = now;
    this.#maxRecords = maxRecords;
    this.#sweep = setInterval(() => this.#removeExpired(), sweepEveryMs).unref();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = this.#live(key)?.value;
    return value === undefined ? undefined : Uint8Array.from(value);
  }

  async put(key: string, value: Uint8Array, expiresAt: number): Promise<void> {
    if (!this.#records.has(key)) this.#makeRoom();
    // A copy: what the caller does to its bytes afterwards must not reach the record.
    this.#records.set(key, { value: Uint8Array.from(value), expiresAt });
  }

  async add(key: string, value: Uint8Array, expiresAt: number): Promise<boolean> {
    if (this.#live(key) !== undefined) return false;
    await this.put(key, value, expiresAt);
    return true;
  }

  async replace(key: string, from: Uint8Array, value: Uint8Array, expiresAt: number): Promise<boolean> {
    const known = this.#live(key)?.value;
    if (known === undefined || Buffer.compare(known, from) !== 0) return false;
    await this.put(key, value, expiresAt);
    return true;
  }

  async remove(key: string): Promise<boolean> {
    const wasThere = this.#live(key) !== undefined;
    this.#records.delete(key);
    return wasThere;
  }

  async count(prefix: string): Promise<number> {
    const now = this.#now();
    let count = 0;
    for (const [key, { expiresAt }] of this.#records) if (expiresAt > now && key.startsWith(prefix)) count += 1;
    return count;
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const now = this.#now();
    return [...this.#records].filter(([key, { expiresAt }]) => expiresAt > now && key.startsWith(prefix)).map(([key]) => key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    this.#records.clear();
  }

  #live(key: string): { readonly value: Uint8Array; readonly expiresAt: number } | undefined {
    const record = this.#records.get(key);
    return record !== undefined && record.expiresAt > this.#now() ? record : undefined;
  }

  #makeRoom(): void {
    if (this.#records.size < this.#maxRecords) return;
    this.#removeExpired();
    if (this.#records.size >= this.#maxRecords)
      throw new Error(
        `Cannot keep another record in memory: there are ${this.#maxRecords} already, set state_directory to keep them in a file`,
      );
  }

  #removeExpired(): void {
    const now = this.#now();
    for (const [key, { expiresAt }] of this.#records) if (expiresAt <= now) this.#records.delete(key);
  }
}
