import { ProxyFailure } from '../http/proxy-failure.ts';

/** What can be cut when its client stops reading. */
export interface Stallable {
  /** Ends the answer, and says why in its record. */
  endStalled(stallMs: number): void;
  /** Where the watch keeps it while it waits; the watch alone reads and writes it. */
  stallSlot: number | undefined;
}

/** Ends answers whose client leaves bytes unread for too long: a window of one byte must not hold a request for ever. */
export interface StallWatch extends Disposable {
  /** The client has bytes to take; counts from the first call until `moved`. */
  waiting(sink: Stallable): void;
  /** The client took what there was, or the exchange is over. */
  moved(sink: Stallable): void;
}

/**
 * Looks every `everyMs`, so a limit of `stallMs` is met to within that. One timer for all answers keeps them cheap, and so do numbered
 * slots: a `Map` with every answer in it leaves old tables behind when it grows, which keep finished requests from being collected.
 */
export function createStallWatch({ stallMs, everyMs }: { readonly stallMs: number; readonly everyMs: number }): StallWatch {
  const slots: (Stallable | undefined)[] = [];
  /** In which round each began to wait. */
  const starts: number[] = [];
  const free: number[] = [];
  const patience = Math.ceil(stallMs / everyMs);
  let round = 0;
  const timer = setInterval(() => {
    round += 1;
    for (const [slot, sink] of slots.entries()) {
      if (sink === undefined || round - (starts[slot] ?? round) <= patience) continue;
      moved(sink);
      sink.endStalled(stallMs);
    }
  }, everyMs);
  timer.unref();

  function moved(sink: Stallable): void {
    if (sink.stallSlot === undefined) return;
    slots[sink.stallSlot] = undefined;
    free.push(sink.stallSlot);
    sink.stallSlot = undefined;
  }

  return {
    waiting(sink) {
      if (sink.stallSlot !== undefined) return;
      sink.stallSlot = free.pop() ?? slots.length;
      slots[sink.stallSlot] = sink;
      starts[sink.stallSlot] = round;
    },
    moved,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** Why an answer ended whose client was waited for in vain. */
export function stalledFailure(stallMs: number): ProxyFailure {
  return new ProxyFailure('client-stalled', `The client left bytes of its answer unread for ${stallMs} ms`);
}
