import type { Admission } from './admit.ts';
import type { Trace } from './trace.ts';
import { admit } from './admit.ts';
import { acquaintances } from './ask-who.ts';
import { endpointContext } from './endpoint-context.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { Inbound } from './http/inbound.ts';
import { ProxyFailure } from './http/proxy-failure.ts';
import type { Reply } from './http/reply.ts';
import type { ForwardedStream } from './judge-stream.ts';
import type { Program } from './program.ts';
import type { Outcome } from './record-request.ts';
import { recordOf } from './record-request.ts';
import { asFailure, rescue } from './rescue.ts';
import type { Snapshot } from './snapshot.ts';
import type { Ongoing } from './upstream/ongoing.ts';
import type { Vouched } from './upstream/vouched.ts';
import { vouchFor } from './vouch-for.ts';
import type { ForwardObserver } from './upstream/forward-observer.ts';

export type Forward = Extract<Admission, { kind: 'forward' }>;

/** The two ways out of the walk; requests and upgrades differ in nothing else. */
export interface WaysOut {
  reply(reply: Reply): void;
  forward(admitted: Forward, vouched: Vouched, observer: ForwardObserver): Ongoing | undefined;
  /** Closes what can't even be told that something went wrong. */
  abort(): void;
}

/**
 * To be called once when the request is over, whatever became of it: it makes the record and gives the snapshot back, in the next tick.
 * Whoever began to forward after a wait hears of the end later than the caller does, and the record is to know what it says.
 */
export type Finish = (answer: () => Answer) => void;

interface Answer {
  /** 0: none was begun. */
  readonly status: number;
  readonly bytesSent: number;
  /** Why the listener ended the exchange, where it did: what those who noticed say of it comes after that. */
  readonly cut?: ProxyFailure | undefined;
}

/**
 * Takes one request through `admit` and out. Synchronous for an allowed request with a warm session; what has to be
 * read first is waited for. Every fault on the way becomes one reply.
 */
export function walk(inbound: Inbound, program: Program, ways: WaysOut): Finish {
  const lease = program.current.lease();
  const { snapshot } = lease;
  const outcome: Outcome = { trace: undefined, failure: undefined, upstreamMs: undefined };
  program.metrics.streamOpened();
  const on: Walk = { inbound, program, ways, snapshot, outcome, over: false, ongoing: undefined, liveSlot: undefined };
  step(on, 0);
  return (answer) => {
    on.over = true;
    program.streams.remove(on);
    process.nextTick(() => {
      tell(on, answer());
      lease.release();
    });
  };
}

function tell({ inbound, program, snapshot, outcome }: Walk, answer: Answer): void {
  const record = recordOf(inbound, outcome, { ...answer, endedAt: program.now() }, snapshot.logFields);
  program.metrics.streamClosed();
  program.metrics.requestDone(record);
  countCertificate(outcome.trace, program);
  program.log.request(record);
}

/** One request under way. */
interface Walk extends ForwardedStream {
  readonly inbound: Inbound;
  readonly program: Program;
  readonly ways: WaysOut;
  readonly snapshot: Snapshot;
  readonly outcome: Outcome;
  /** Whoever comes back from waiting finds nobody to answer, and must not send anything to an upstream. */
  over: boolean;
  /** What was handed to an upstream. */
  ongoing: Ongoing | undefined;
}

function step(on: Walk, waits: number): void {
  const { inbound, snapshot, outcome } = on;
  try {
    const admission = admit(inbound, snapshot, acquaintances(snapshot.identity));
    if (admission.kind === 'wait') stepAgain(on, admission.until, waits);
    else {
      outcome.trace = admission.trace;
      leave(on, admission);
    }
  } catch (error) {
    fail(on, error);
  }
}

// For what the session store holds, for the word of an authority, and for an account that the certificate turns out to be linked to.
const mostWaits = 3;

function stepAgain(on: Walk, until: Promise<unknown>, waits: number): void {
  if (waits >= mostWaits) throw new ProxyFailure('store-failed', 'Cannot read who asks: it was not there after waiting for it');
  until.then(
    () => on.over || step(on, waits + 1),
    (error: unknown) => on.over || fail(on, error),
  );
}

function leave(on: Walk, admission: Exclude<Admission, { kind: 'wait' }>): void {
  switch (admission.kind) {
    case 'reply':
      on.ways.reply(admission.reply);
      break;
    case 'own':
      serve(on, admission.endpoint, admission.trace).catch((error: unknown) => fail(on, error));
      break;
    case 'forward':
      on.ongoing = on.ways.forward(admission, vouchFor(on.inbound, on.snapshot, admission), observerOf(on, admission));
      if (on.ongoing !== undefined) on.program.streams.add(on);
      break;
  }
}

async function serve({ program, ways, snapshot }: Walk, endpoint: Endpoint, trace: Trace): Promise<void> {
  ways.reply(await endpoint.serve(endpointContext(snapshot, trace, program.now())));
}

function observerOf(on: Walk, { route }: Forward): ForwardObserver {
  const { inbound, program, outcome } = on;
  return {
    now: program.now,
    done({ upstreamMs, failure }) {
      outcome.upstreamMs = upstreamMs;
      outcome.failure = failure;
      program.metrics.upstreamDone(route.label, failure?.code ?? 'answered', upstreamMs);
      if (failure !== undefined) logFailure(program, failure, inbound.id);
    },
    cookieDropped(name) {
      const message = 'The upstream tried to set a cookie of ours; it was dropped';
      program.log.warn({ request_id: inbound.id, route: route.label, name }, message);
    },
    failed(failure) {
      program.metrics.upstreamDone(route.label, failure.code, program.now() - inbound.receivedAt);
      fail(on, failure);
    },
  };
}

/** The one end of everything that went wrong: logged with its cause, answered with a page that knows nothing of it. Never throws. */
function fail({ inbound, program, ways, outcome }: Walk, error: unknown): void {
  const failure = asFailure(error);
  outcome.failure = failure;
  logFailure(program, failure, inbound.id);
  try {
    ways.reply(rescue(failure, inbound));
  } catch (cause) {
    // Mostly called out of a promise that nobody waits for: thrown on, one request would end the process.
    program.log.error({ request_id: inbound.id, error: cause }, 'A request could not be answered; its connection is closed');
    ways.abort();
  }
}

/** A client that goes away is the client's affair, and what a stop ends the operator's own; everything else somebody has to know. */
function logFailure({ log }: Program, failure: ProxyFailure, requestId: string): void {
  const { code, source, retryable, message } = failure;
  const fields = { request_id: requestId, failure: code, source, retryable, error: failure };
  if (source === 'client' || code === 'server-stopping') log.debug(fields, message);
  else if (source === 'upstream') log.warn(fields, message);
  else log.error(fields, message);
}

function countCertificate(trace: Trace | undefined, { metrics }: Program): void {
  const verdict = trace?.route === undefined ? undefined : trace.certificate;
  if (verdict === undefined || verdict.kind === 'no-authority') return;
  const reason = verdict.kind === 'invalid' ? verdict.detail : verdict.kind === 'valid' ? 'ok' : 'none';
  metrics.clientCertificate(verdict.kind, reason);
}
