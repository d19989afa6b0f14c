import type { Snapshot } from './snapshot.ts';

/** One snapshot in use, and by how many. A request takes a lease when it begins and gives it back when it is over. */
export interface Lease {
  readonly snapshot: Snapshot;
  release(): void;
}

export interface Current {
  /** The snapshot in force now, for those who look once and keep nothing. */
  readonly snapshot: Snapshot;
  /** Every lease is released exactly once. */
  lease(): Lease;
  /** Puts another snapshot in force in one assignment. The old one is disposed when its last user has gone. */
  swap(next: Snapshot): void;
  /** Gives up the snapshot in force; resolves when it is disposed. Nothing may be leased afterwards. */
  close(): Promise<void>;
}

/** The one changing variable of the program. */
export function createCurrent(initial: Snapshot, onDisposeError: (error: unknown) => void): Current {
  let slot = createSlot(initial, onDisposeError);
  return {
    get snapshot() {
      return slot.lease.snapshot;
    },
    lease: () => slot.take(),
    swap(next) {
      const old = slot;
      slot = createSlot(next, onDisposeError);
      old.retire();
    },
    close() {
      slot.retire();
      return slot.disposed;
    },
  };
}

interface Slot {
  readonly lease: Lease;
  readonly disposed: Promise<void>;
  take(): Lease;
  retire(): void;
}

function createSlot(snapshot: Snapshot, onDisposeError: (error: unknown) => void): Slot {
  const { promise: disposed, resolve } = Promise.withResolvers<void>();
  // Counts the users, the slot itself among them until it is retired: the object is shared, so a lease costs no allocation.
  let users = 1;
  function leave(): void {
    users -= 1;
    if (users === 0) Promise.resolve(snapshot[Symbol.asyncDispose]()).catch(onDisposeError).finally(resolve);
  }
  const lease: Lease = { snapshot, release: leave };
  return {
    lease,
    disposed,
    take() {
      users += 1;
      return lease;
    },
    retire: leave,
  };
}
