/** What is kept here of one stream; the registry alone reads and writes the slot. */
export interface LiveStream {
  liveSlot: number | undefined;
}

/**
 * What a stream is worth now. `unknown`: its session has to be read first; when `until` is over (it never rejects) it is judged once more,
 * and what is unknown then is unknown for this round.
 */
export type Standing =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown'; readonly until: Promise<void> };

export interface LiveStreamsOptions<Stream extends LiveStream> {
  /** How often every stream is judged; whatever ends a right ends its streams within that and the time of one round. */
  readonly everyMs: number;
  /** Says what a stream is worth, and has ended it where that is nothing: then it is not judged any more, however long its client takes to go. */
  readonly judge: (stream: Stream) => Standing;
  /** Called once when a stream could not be judged for `mostUnknown` rounds: nobody knows that it is allowed. */
  readonly abandon: (stream: Stream) => void;
  /** What `judge` and `abandon` throw: it costs nobody else's judgement. */
  readonly onFault: (error: unknown) => void;
}

/** Everything that is being forwarded, short answers and tunnels alike: which of them will be long nobody knows at their start. */
export interface LiveStreams<Stream extends LiveStream> extends Disposable {
  add(stream: Stream): void;
  /** Of one that is not there it does nothing. */
  remove(stream: Stream): void;
  /** The streams of this moment. */
  list(): readonly Stream[];
}

/** Of a stream that could not be judged lately. */
interface Unknown {
  /** In a row. */
  rounds: number;
  /** For the word of an earlier round. */
  isWaiting: boolean;
}

/** Looks in one turn of the event loop: some hundred microseconds, so that ten thousand streams delay nobody's request. */
const oneTurn = 100;
/** In looks: a reply is made, two sides are closed and lines are logged, for each stream of somebody who had thousands. */
const costOfAnEnd = 20;
/** A store that can't be asked for half a minute is down, and requests fail by then too. */
const mostUnknown = 15;

/**
 * Judges every stream again and again. Looking at all of them every few seconds needs no word from whoever ends a right: sign-out, expiry,
 * revocation, a reload, the time of day and another process's hand all show in the same judgement. Numbered slots, because a `Set`
 * through which every request passes keeps finished ones from being collected.
 */
export function createLiveStreams<Stream extends LiveStream>(options: LiveStreamsOptions<Stream>): LiveStreams<Stream> {
  const slots: (Stream | undefined)[] = [];
  const free: number[] = [];
  const unknowns = new Map<Stream, Unknown>();
  let round: Iterator<Stream> | undefined;
  let closed = false;

  const timer = setInterval(() => {
    // A round that takes longer than the time between two goes on.
    if (round !== undefined) return;
    round = list().values();
    turn();
  }, options.everyMs);
  timer.unref();

  function turn(): void {
    for (let cost = 0; cost < oneTurn;) {
      const next = round?.next();
      if (next === undefined || next.done === true || closed) {
        round = undefined;
        return;
      }
      judge(next.value, true);
      cost += next.value.liveSlot === undefined ? costOfAnEnd : 1;
    }
    setImmediate(turn);
  }

  function judge(stream: Stream, mayWait: boolean): void {
    // Over since the round began.
    if (stream.liveSlot === undefined) return;
    try {
      const standing = options.judge(stream);
      if (standing.kind === 'ended') remove(stream);
      else if (standing.kind === 'allowed') unknowns.delete(stream);
      else if (mayWait) wait(stream, standing.until);
      else countUnknown(stream);
    } catch (error) {
      options.onFault(error);
      countUnknown(stream);
    }
  }

  /** An answer that never comes counts like one that says nothing: whoever could hold it back would hold a stream open for ever. */
  function wait(stream: Stream, until: Promise<void>): void {
    const unknown = unknownOf(stream);
    if (unknown.isWaiting) return countUnknown(stream);
    unknown.isWaiting = true;
    const knowMore = (): void => {
      unknown.isWaiting = false;
      judge(stream, false);
    };
    until.then(knowMore, options.onFault);
  }

  function unknownOf(stream: Stream): Unknown {
    const unknown = unknowns.get(stream) ?? { rounds: 0, isWaiting: false };
    unknowns.set(stream, unknown);
    return unknown;
  }

  /** Fail closed, but not at the first silence of a store: every stream there is would have to come back at once. */
  function countUnknown(stream: Stream): void {
    const unknown = unknownOf(stream);
    unknown.rounds += 1;
    if (unknown.rounds < mostUnknown) return;
    try {
      options.abandon(stream);
      remove(stream);
    } catch (error) {
      options.onFault(error);
    }
  }

  function remove(stream: Stream): void {
    if (stream.liveSlot === undefined) return;
    slots[stream.liveSlot] = undefined;
    free.push(stream.liveSlot);
    stream.liveSlot = undefined;
    unknowns.delete(stream);
  }

  function list(): Stream[] {
    return slots.filter((stream) => stream !== undefined);
  }

  return {
    add(stream) {
      if (stream.liveSlot !== undefined) return;
      stream.liveSlot = free.pop() ?? slots.length;
      slots[stream.liveSlot] = stream;
    },
    remove,
    list,
    [Symbol.dispose]() {
      closed = true;
      clearInterval(timer);
    },
  };
}
