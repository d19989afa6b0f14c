/** What can be cut when its client stops reading. */
export interface Stallable {
  abort(): void;
}

/** Ends answers whose client leaves bytes unread for too long: a window of one byte must not hold a request for ever. */
export interface StallWatch extends Disposable {
  /** The client has bytes to take; counts from the first call until `moved`. */
  waiting(sink: Stallable): void;
  /** The client took what there was, or the exchange is over. */
  moved(sink: Stallable): void;
}

/** Looks every `everyMs`, so a limit of `stallMs` is met to within that. One timer for all answers keeps them cheap. */
export function createStallWatch({ stallMs, everyMs }: { readonly stallMs: number; readonly everyMs: number }): StallWatch {
  const since = new Map<Stallable, number>();
  const patience = Math.ceil(stallMs / everyMs);
  let round = 0;
  const timer = setInterval(() => {
    round += 1;
    for (const [sink, start] of since) {
      if (round - start <= patience) continue;
      since.delete(sink);
      sink.abort();
    }
  }, everyMs);
  timer.unref();
  return {
    waiting(sink) {
      if (!since.has(sink)) since.set(sink, round);
    },
    moved(sink) {
      since.delete(sink);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
