/** What has to be over by some time. */
export interface Due {
  /** Called when it is not; it is forgotten then. */
  onOverdue(): void;
  /** Where the deadlines keep it while it waits; they alone read and write it. */
  deadlineSlot: number | undefined;
}

export interface DeadlinesOptions {
  /** Milliseconds; only differences are used. */
  readonly clock: () => number;
  /** So much later than asked it may be noticed. */
  readonly everyMs?: number;
}

const usualEveryMs = 100;

/** Many deadlines with one timer, which runs while there are any: one of their own would cost each exchange more than it is worth. */
export class Deadlines implements Disposable {
  readonly #clock: () => number;
  readonly #everyMs: number;
  readonly #slots: (Due | undefined)[] = [];
  /** When each is due. */
  readonly #times: number[] = [];
  readonly #free: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ clock, everyMs = usualEveryMs }: DeadlinesOptions) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Replaces an earlier one of the same. */
  set(due: Due, timeoutMs: number): void {
    const slot = due.deadlineSlot ?? this.#free.pop() ?? this.#slots.length;
    due.deadlineSlot = slot;
    this.#slots[slot] = due;
    this.#times[slot] = this.#clock() + timeoutMs;
    this.#timer ??= setInterval(() => this.#look(), this.#everyMs).unref();
  }

  clear(due: Due): void {
    const slot = due.deadlineSlot;
    if (slot === undefined) return;
    due.deadlineSlot = undefined;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#free.length === this.#slots.length) return this[Symbol.dispose]();
    const now = this.#clock();
    for (const [slot, due] of this.#slots.entries()) {
      if (due === undefined || (this.#times[slot] ?? now) > now) continue;
      this.clear(due);
      due.onOverdue();
    }
  }
}
