import type { Admission } from './admit.ts';
import type { Trace } from './trace.ts';
import { admit } from './admit.ts';
import { acquaintances } from './ask-who.ts';
import type { Lease } from './current.ts';
import { endpointContext } from './endpoint-context.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { Inbound } from './http/inbound.ts';
import { ProxyFailure } from './http/proxy-failure.ts';
import type { Reply } from './http/reply.ts';
import type { ForwardedStream } from './judge-stream.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Program } from './program.ts';
import type { Outcome } from './record-request.ts';
import { recordOf } from './record-request.ts';
import { asFailure, rescue } from './rescue.ts';
import type { Ongoing } from './upstream/ongoing.ts';
import type { Vouched } from './upstream/vouched.ts';
import { vouchFor } from './vouch-for.ts';
import type { ForwardObserver, ForwardOutcome } from './upstream/forward-observer.ts';

export type Forward = Extract<Admission, { kind: 'forward' }>;

/** The two ways out of the walk; requests and upgrades differ in nothing else. */
export interface WaysOut {
  reply(reply: Reply): void;
  forward(admitted: Forward, vouched: Vouched, observer: ForwardObserver): Ongoing | undefined;
  /** Closes what can't even be told that something went wrong. */
  abort(): void;
  /** Of the answer that was begun; 0: none was. */
  readonly status: number;
  readonly bytesSent: number;
}

/**
 * Takes one request through `admit` and out. Synchronous for an allowed request with a warm session; what has to be
 * read first is waited for. Every fault on the way becomes one reply.
 */
export function walk(inbound: Inbound, program: Program, ways: WaysOut): Walk {
  const begun = new Walk(inbound, program, ways);
  begun.step();
  return begun;
}

// For what the session store holds, for the word of an authority, and for an account that the certificate turns out to be linked to.
const mostWaits = 3;

/** One request under way; it hears itself how its forwarding goes, so that no request pays for an observer of its own. */
export class Walk implements ForwardedStream, ForwardObserver {
  readonly inbound: Inbound;
  readonly outcome: Outcome = { trace: undefined, failure: undefined, upstreamMs: undefined };
  /** What was handed to an upstream. */
  ongoing: Ongoing | undefined = undefined;
  liveSlot: number | undefined = undefined;
  readonly #program: Program;
  readonly #ways: WaysOut;
  readonly #lease: Lease;
  #waits = 0;
  /** Whoever comes back from waiting finds nobody to answer, and must not send anything to an upstream. */
  #over = false;

  constructor(inbound: Inbound, program: Program, ways: WaysOut) {
    this.inbound = inbound;
    this.#program = program;
    this.#ways = ways;
    this.#lease = program.current.lease();
    program.metrics.streamOpened();
  }

  /**
   * To be called once when the request is over, whatever became of it: it makes the record and gives the snapshot back. `cut` is why the
   * listener ended the exchange, where it did: what those who noticed say of it comes after that.
   */
  finish(cut?: ProxyFailure): void {
    this.#over = true;
    this.#program.streams.remove(this);
    // Whoever began to forward after a wait, or a tunnel, hears of the end later than the caller does, and the record is to know what it says.
    if (this.#waits > 0 || this.inbound.upgrade !== undefined) process.nextTick(() => this.#tell(cut));
    else this.#tell(cut);
  }

  step(): void {
    const { snapshot } = this.#lease;
    try {
      const admission = admit(this.inbound, snapshot, acquaintances(snapshot.identity));
      if (admission.kind === 'wait') this.#stepAgain(admission.until);
      else {
        this.outcome.trace = admission.trace;
        this.#leave(admission);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  now(): number {
    return this.#program.now();
  }

  done({ upstreamMs, failure }: ForwardOutcome): void {
    this.outcome.upstreamMs = upstreamMs;
    this.outcome.failure = failure;
    this.#program.metrics.upstreamDone(this.#routeLabel, failure?.code ?? 'answered', upstreamMs);
    if (failure !== undefined) logFailure(this.#program, failure, this.inbound.id);
  }

  failed(failure: ProxyFailure): void {
    this.#program.metrics.upstreamDone(this.#routeLabel, failure.code, this.now() - this.inbound.receivedAt);
    this.#fail(failure);
  }

  cookieDropped(name: string): void {
    const message = 'The upstream tried to set a cookie of ours; it was dropped';
    this.#program.log.warn({ request_id: this.inbound.id, route: this.#routeLabel, name }, message);
  }

  get #routeLabel(): string | null {
    return this.outcome.trace?.route?.label ?? null;
  }

  #stepAgain(until: Promise<unknown>): void {
    if (this.#waits >= mostWaits) throw new ProxyFailure('store-failed', 'Cannot read who asks: it was not there after waiting for it');
    this.#waits += 1;
    until.then(
      () => this.#over || this.step(),
      (error: unknown) => this.#over || this.#fail(error),
    );
  }

  #leave(admission: Exclude<Admission, { kind: 'wait' }>): void {
    switch (admission.kind) {
      case 'reply':
        this.#ways.reply(admission.reply);
        break;
      case 'own':
        this.#serve(admission.endpoint, admission.trace).catch((error: unknown) => this.#fail(error));
        break;
      case 'forward':
        this.ongoing = this.#ways.forward(admission, vouchFor(this.inbound, this.#lease.snapshot, admission), this);
        if (this.ongoing !== undefined) this.#program.streams.add(this);
        break;
    }
  }

  async #serve(endpoint: Endpoint, trace: Trace): Promise<void> {
    this.#ways.reply(await endpoint.serve(endpointContext(this.#lease.snapshot, trace, this.now())));
  }

  /** The one end of everything that went wrong: logged with its cause, answered with a page that knows nothing of it. Never throws. */
  #fail(error: unknown): void {
    const failure = asFailure(error);
    this.outcome.failure = failure;
    logFailure(this.#program, failure, this.inbound.id);
    try {
      this.#ways.reply(rescue(failure, this.inbound));
    } catch (cause) {
      // Mostly called out of a promise that nobody waits for: thrown on, one request would end the process.
      const fields = { request_id: this.inbound.id, error: cause };
      this.#program.log.error(fields, 'A request could not be answered; its connection is closed');
      this.#ways.abort();
    }
  }

  #tell(cut: ProxyFailure | undefined): void {
    const { log, metrics, now } = this.#program;
    const { status, bytesSent } = this.#ways;
    const answer = { status, bytesSent, endedAt: now(), cut };
    const record = recordOf(this.inbound, this.outcome, answer, this.#lease.snapshot.logFields);
    metrics.streamClosed();
    metrics.requestDone(record);
    countCertificate(this.outcome.trace, metrics);
    log.request(record);
    this.#lease.release();
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

function countCertificate(trace: Trace | undefined, metrics: Metrics): void {
  const verdict = trace?.route === undefined ? undefined : trace.certificate;
  if (verdict === undefined || verdict.kind === 'no-authority') return;
  const reason = verdict.kind === 'invalid' ? verdict.detail : verdict.kind === 'valid' ? 'ok' : 'none';
  metrics.clientCertificate(verdict.kind, reason);
}
