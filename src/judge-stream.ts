import type { Admission } from './admit.ts';
import { admit } from './admit.ts';
import { acquaintances } from './ask-who.ts';
import type { Current } from './current.ts';
import type { Inbound } from './http/inbound.ts';
import { ProxyFailure } from './http/proxy-failure.ts';
import type { LiveStream, LiveStreams, Standing } from './live/live-streams.ts';
import { createLiveStreams } from './live/live-streams.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Outcome } from './record-request.ts';
import type { Route } from './snapshot.ts';
import type { Trace } from './trace.ts';
import type { Ongoing } from './upstream/ongoing.ts';
import { vouchedPerson } from './vouch-for.ts';

/** What is being forwarded for one request. */
export interface ForwardedStream extends LiveStream {
  readonly inbound: Inbound;
  /** As it was admitted. */
  readonly outcome: Pick<Outcome, 'trace'>;
  /** Undefined until it was handed to an upstream. */
  readonly ongoing: Ongoing | undefined;
}

type Forward = Extract<Admission, { kind: 'forward' }>;

export interface JudgeParts {
  readonly current: Current;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Twice within the five seconds in which a stream that lost its right is promised to end. */
const usualEveryMs = 2_000;

/** Has everything that is forwarded judged again and again, by the walk of new requests, and ends what would not be let in any more. */
export function openLiveStreams(parts: JudgeParts, everyMs: number = usualEveryMs): LiveStreams<ForwardedStream> {
  return createLiveStreams<ForwardedStream>({
    everyMs,
    judge: (stream) => judgeStream(stream, parts),
    abandon: (stream) => end(stream, parts, { decision: 'unknown', reasons: ['session-unknown'] }),
    onFault: (error) => parts.log.error({ error }, 'A stream could not be judged again'),
  });
}

/** The same request, now and by the snapshot in force: whatever would stop it at the door ends it. */
function judgeStream(stream: ForwardedStream, parts: JudgeParts): Standing {
  const { snapshot } = parts.current;
  const asked = { ...stream.inbound, receivedAt: parts.now() };
  const admission = admit(asked, snapshot, acquaintances(snapshot.identity));
  switch (admission.kind) {
    case 'wait':
      return { kind: 'unknown', until: admission.until.then(settled, settled) };
    case 'own':
    case 'reply':
      end(stream, parts, admission.trace);
      return { kind: 'ended' };
    case 'forward': {
      const change = changeOf(stream, admission);
      if (change === undefined) return { kind: 'allowed' };
      end(stream, parts, { decision: 'deny', reasons: [change] });
      return { kind: 'ended' };
    }
  }
}

function settled(): void {}

/** A new request would be let in, but what is under way is not that request. */
function changeOf({ ongoing, outcome }: ForwardedStream, { route, trace }: Forward): string | undefined {
  // What they are allowed is another upstream now: this one may be somebody else's.
  if (!leadsTo(route, ongoing?.upstreamUrl)) return 'upstream-changed';
  return outcome.trace === undefined || isVisitor(outcome.trace, trace) ? undefined : 'visitor-changed';
}

/**
 * Whether all that the upstream was told of its visitor holds. Where anybody may enter, or a second credential was shown, the policy says
 * yes after a sign-out as well; but the upstream would go on to take it for the word of whom it was told of.
 */
function isVisitor(told: Trace, now: Trace): boolean {
  const person = vouchedPerson(told);
  if (person !== undefined && person.id !== vouchedPerson(now)?.id) return false;
  return isHolder(told.certificate, now.certificate);
}

/** The certificate of a connection stays the same, but not who is believed about it: a proxy in front told of another one. */
function isHolder(told: Trace['certificate'], now: Trace['certificate']): boolean {
  if (told?.kind !== 'valid' || now === undefined || now.kind === 'no-authority') return true;
  return now.kind === 'valid' && now.leaf.fingerprint === told.leaf.fingerprint;
}

function leadsTo({ settings: { action } }: Route, upstreamUrl: string | undefined): boolean {
  return action.kind === 'forward' && action.to.some(({ url }) => url.href === upstreamUrl);
}

interface Ending {
  readonly decision: string;
  readonly reasons: readonly string[];
}

function end({ inbound, outcome, ongoing }: ForwardedStream, { log, metrics }: JudgeParts, { decision, reasons }: Ending): void {
  const failure = new ProxyFailure('access-ended', `The right to this stream has ended: ${decision} (${reasons.join(', ')})`);
  // An answer that the upstream has given to its end is on its way to the client: nothing is left to be ended, or told.
  if (ongoing?.end(failure) !== true) return;
  const { route, person } = outcome.trace ?? {};
  const fields = { request_id: inbound.id, route: route?.label ?? null, user: person?.id ?? null, decision, reasons };
  log.info(fields, 'A stream is ended: it would not be let in any more');
  metrics.streamEnded(decision);
}

/** A stream does not end by itself: what is left shortly before a stop is told so, for as long as there is time to say it. */
export function endForStop(streams: LiveStreams<ForwardedStream>): void {
  for (const { ongoing } of streams.list()) ongoing?.end(new ProxyFailure('server-stopping', 'Postern is stopping'));
}
