import type { Exchange, ReplySink } from './http/exchange.ts';
import type { Reply } from './http/reply.ts';
import type { Unserved } from './listener/listener-refusal.ts';
import type { Program } from './program.ts';
import { recordOfRefusal } from './record-request.ts';
import { unservedReply, withRequestId } from './replies.ts';
import type { ForwardObserver } from './upstream/forward-observer.ts';
import { forwardRequest } from './upstream/forward-request.ts';
import type { Ongoing } from './upstream/ongoing.ts';
import type { Vouched } from './upstream/vouched.ts';
import type { Forward, WaysOut } from './walk.ts';
import { walk } from './walk.ts';

/** One HTTP request: walk, then an answer of ours or the upstream's through the sink, and one record when the sink closes. */
export function handleRequest(exchange: Exchange, program: Program): void {
  const begun = walk(exchange.inbound, program, new AnswerWays(exchange));
  exchange.sink.onClose((_, cut) => begun.finish(cut));
}

/** A class, not functions made for each request: it is the whole of what a request pays for having two ways out. */
class AnswerWays implements WaysOut {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get status(): number {
    return this.#exchange.sink.status ?? 0;
  }

  get bytesSent(): number {
    return this.#exchange.sink.bytesWritten;
  }

  reply(reply: Reply): void {
    const { sink, inbound } = this.#exchange;
    // Once the head is out the sink aborts instead of sending, so that a broken answer never looks whole.
    sink.send(withRequestId(reply, inbound.id));
  }

  forward({ permit, upstream }: Forward, vouched: Vouched, observer: ForwardObserver): Ongoing {
    return forwardRequest(permit, upstream, this.#exchange, vouched, observer);
  }

  abort(): void {
    this.#exchange.sink.abort();
  }
}

/** A request that could not be read without guessing, or is served elsewhere: answered, logged and counted, and never seen by a route. */
export function handleRefusal(refusal: Unserved, sink: ReplySink, program: Program): void {
  sink.onClose(() => {
    const answer = { status: sink.status ?? 0, bytesSent: sink.bytesWritten, endedAt: program.now() };
    const record = recordOfRefusal(refusal, answer, program.current.snapshot.logFields);
    program.metrics.requestDone(record);
    program.log.request(record);
  });
  sink.send(withRequestId(unservedReply(refusal), refusal.id));
}
