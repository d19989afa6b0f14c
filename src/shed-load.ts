import { textReply } from './endpoints/text-reply.ts';
import type { Exchange } from './http/exchange.ts';
import type { Inbound } from './http/inbound.ts';
import type { UpgradeExchange } from './http/upgrade-exchange.ts';
import type { OverloadWatch } from './overload-watch.ts';
import type { Program } from './program.ts';
import { recordOf } from './record-request.ts';
import { withRequestId } from './replies.ts';

/** Why a request is turned away before the walk: the process is late, or as much as `max_requests` is in progress. */
export type ShedReason = 'event-loop' | 'requests';

/** Undefined: there is time for it. Health checks are always answered: whoever asks them would start another process, or kill this one. */
export function shedReason(inbound: Inbound, { current, metrics }: Program, watch: OverloadWatch): ShedReason | undefined {
  const { requests } = current.snapshot.settings.capacity;
  const reason = watch.isOverloaded ? 'event-loop' : requests > 0 && metrics.openStreams >= requests ? 'requests' : undefined;
  return reason !== undefined && healthPaths.has(inbound.path) ? undefined : reason;
}

const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/ping']);

/** Answers 503 and nothing else: no session is read, no policy asked, no upstream. */
export function shedRequest({ inbound, sink }: Exchange, reason: ShedReason, program: Program): void {
  program.metrics.requestShed(reason);
  sink.onClose((_, cut) => tell(inbound, program, { status: sink.status ?? 0, bytesSent: sink.bytesWritten, cut }));
  sink.send(withRequestId(busyReply, inbound.id));
}

export function shedUpgrade(upgrade: UpgradeExchange, reason: ShedReason, program: Program): void {
  const { inbound, socket } = upgrade;
  program.metrics.requestShed(reason);
  socket.once('close', () => tell(inbound, program, { status: busyReply.status, bytesSent: 0 }));
  upgrade.refuse(withRequestId(busyReply, inbound.id));
}

type Sent = Omit<Parameters<typeof recordOf>[2], 'endedAt'>;

function tell(inbound: Inbound, { log, metrics, current, now }: Program, sent: Sent): void {
  const outcome = { trace: undefined, failure: undefined, upstreamMs: undefined };
  const record = recordOf(inbound, outcome, { ...sent, endedAt: now() }, current.snapshot.logFields);
  metrics.requestDone(record);
  log.request({ ...record, reasons: ['overloaded'] });
}

// One text for everybody: to choose among pages, JSON and gRPC takes the time that there is not.
const busyReply = textReply(503, 'Too busy: try again in a moment\n', ['Retry-After', '2']);
