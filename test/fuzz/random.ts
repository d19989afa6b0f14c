/** Pseudo-random choices that are the same for the same seed, on every machine: what was found once can be found again. */
export interface Random {
  /** A whole number of 32 bits. */
  next(): number;
  /** From 0 to `limit` - 1; 0 when `limit` is 0. */
  below(limit: number): number;
  /** True about once in `n` times. */
  oneIn(n: number): boolean;
  /** Throws when there is nothing to pick. */
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Buffer;
  /** One entry for each of so many turns. */
  times<T>(count: number, make: (index: number) => T): T[];
}

/** `seed` is any text; texts that differ give other sequences. Fit for tests and for nothing that has to be secret. */
export function createRandom(seed: string): Random {
  let state = hashOf(seed);

  // Mulberry32: one multiplication chain, every 32-bit state met once.
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  function below(limit: number): number {
    return limit < 1 ? 0 : Math.floor((next() / 2 ** 32) * limit);
  }

  return {
    next,
    below,
    oneIn: (n) => below(n) === 0,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('Cannot pick from an empty list');
      return list[below(list.length)] as T;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
    times: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
