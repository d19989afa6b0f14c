/** What a test breaks inside a Postern that runs as a process of its own, because it can't be broken from outside. */
export type Fault =
  /** The clock of the whole process shows another time from now on; 0: the right one. */
  | { readonly kind: 'clock'; readonly offsetMs: number }
  /** No name can be looked up while it is true, not even `localhost`. */
  | { readonly kind: 'names'; readonly gone: boolean }
  /** What SQLite meets: errors of its own making, but for `unreadable`, which stands for a disk that fails. */
  | { readonly kind: 'store'; readonly state: 'whole' | 'read-only' | 'full' | 'unreadable' }
  /** Breaks nothing: collects the garbage and tells what is left; to count sockets takes up to a second, in which nobody is answered. */
  | { readonly kind: 'nothing'; readonly counted: 'memory' | 'memory and sockets' };

/** What the process tells once a fault is in force; without a collection before it where nothing was asked for. */
export interface Vitals {
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Sockets of visitors that something still refers to, the closed ones included. */
  readonly socketsHeld: number | undefined;
}
