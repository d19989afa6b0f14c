import type { Exchange, ReplySink } from './http/exchange.ts';
import type { Unserved } from './listener/listener-refusal.ts';
import type { Program } from './program.ts';
import { recordOfRefusal } from './record-request.ts';
import { unservedReply, withRequestId } from './replies.ts';
import { forwardRequest } from './upstream/forward-request.ts';
import { walk } from './walk.ts';

/** One HTTP request: walk, then an answer of ours or the upstream's through the sink, and one record when the sink closes. */
export function handleRequest(exchange: Exchange, program: Program): void {
  const { inbound, sink } = exchange;
  const finish = walk(inbound, program, {
    // Once the head is out the sink aborts instead of sending, so that a broken answer never looks whole.
    reply: (reply) => sink.send(withRequestId(reply, inbound.id)),
    forward: (admitted, vouched, observer) => forwardRequest(admitted.permit, admitted.upstream, exchange, vouched, observer),
    abort: () => sink.abort(),
  });
  sink.onClose((_, cut) => finish(() => ({ status: sink.status ?? 0, bytesSent: sink.bytesWritten, cut })));
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
