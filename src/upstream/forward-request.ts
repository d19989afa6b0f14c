import type { Exchange } from '../http/exchange.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Permit } from '../policy/decide.ts';
import { checkPermit } from './check-permit.ts';
import type { Due } from './deadlines.ts';
import type { Endpoint } from './endpoint.ts';
import type { ForwardObserver } from './forward-observer.ts';
import { IdleWatch } from './idle-watch.ts';
import { mayRepeat } from './may-repeat.ts';
import { answerFailure, bodyFailure, exchangeFailure } from './read-failure.ts';
import { responseHeaders, sideHeaders } from './response-headers.ts';
import { hasReadableCoding, readUpstreamFields } from './upstream-fields.ts';
import type { Ongoing } from './ongoing.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import type { AnswerController, AnswerHandler, UpstreamRequest } from './transport.ts';
import { upstreamRequest } from './upstream-request.ts';
import type { Vouched } from './vouched.ts';

/**
 * Sends a permitted request to the route's next endpoint and its answer to the sink, streaming both ways. Throws a
 * `ProxyFailure` for a permit of another route or target, before anything is sent; every later fault goes to `observe`.
 */
export function forwardRequest(
  permit: Permit,
  route: UpstreamRoute,
  exchange: Exchange,
  vouched: Vouched,
  observe: ForwardObserver,
): Ongoing {
  checkPermit(permit, route, exchange.inbound);
  const forwarding = new Forwarding(route, exchange, vouched, observe);
  forwarding.start();
  return forwarding;
}

// 103 may come once or twice; a flood of them would keep a client waiting and our memory filling.
const mostInformational = 16;
// A timeout below has a timer of its own, which is exact; longer ones share one.
const shortMs = 1_000;
// Nothing comes while a piece is lent, and a slow client keeps one for long: that must not look like the silence of the upstream.
const lendingIdleMs = 60_000;

/** One exchange with an upstream: what its transport reports, turned into what the sink and the observer want to hear. */
class Forwarding implements AnswerHandler, Ongoing, Due {
  /** Of the deadlines. */
  deadlineSlot: number | undefined = undefined;
  readonly #route: UpstreamRoute;
  readonly #exchange: Exchange;
  readonly #observe: ForwardObserver;
  readonly #endpoint: Endpoint;
  readonly #request: UpstreamRequest;
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #idle: IdleWatch | undefined;
  /** Undefined until a connection is there and the request is being written, and again when the exchange is over. */
  #controller: AnswerController | undefined;
  #answerBegun = false;
  #informational = 0;
  #repeated = false;
  /** Of the answer that was begun towards the client. */
  #status: number | undefined;
  #headMs = 0;
  #hearsDrain = false;
  #over = false;

  constructor(route: UpstreamRoute, exchange: Exchange, vouched: Vouched, observe: ForwardObserver) {
    this.#route = route;
    this.#exchange = exchange;
    this.#observe = observe;
    this.#endpoint = route.pool.choose();
    this.#request = upstreamRequest(route, this.#endpoint, exchange, vouched);
    this.#startedAt = observe.now();
  }

  get upstreamUrl(): string {
    return this.#endpoint.url;
  }

  end(failure: ProxyFailure): boolean {
    if (this.#over) return false;
    this.#fail(failure);
    return true;
  }

  start(): void {
    const { sink, body } = this.#exchange;
    sink.onClose(() => this.#clientLeft());
    body?.stream.on('error', (cause) => this.#fail(bodyFailure(cause)));
    if (this.#route.timeoutMs > 0) this.#startTimeout();
    if (this.#route.idleTimeoutMs > 0) this.#watchIdle();
    this.#dispatch();
  }

  onRequestStart(controller: AnswerController): void {
    this.#controller = controller;
    // It ended while the connection was being made.
    if (this.#over) controller.abort(new Error('The exchange is over'));
  }

  onBodySent(): void {
    this.#idle?.touch();
  }

  onResponseStarted(): void {
    this.#answerBegun = true;
  }

  onResponseStart(controller: AnswerController, status: number): void {
    if (this.#over) return;
    this.#idle?.touch();
    const upstream = controller.fields ?? readUpstreamFields(controller.rawHeaders);
    // Nobody asked for 101; a status that HTTP/2 can't carry could be sent to half of the clients only.
    if (upstream === undefined || status === 101 || status > 599) this.#broken(`an illegal head with status ${status}`);
    else if (controller.fields === undefined && !hasReadableCoding(upstream)) this.#broken('a transfer coding other than chunked');
    else if (status < 200) this.#passInformational(status, upstream);
    else this.#passHead(status, upstream, controller.isWhole ?? false);
  }

  get takesLoans(): boolean {
    return this.#exchange.sink.takesLoans === true && (this.#idle === undefined || this.#route.idleTimeoutMs >= lendingIdleMs);
  }

  onResponseData(controller: AnswerController, chunk: Buffer, giveBack?: () => void): void {
    // undici reports an empty chunk each time a body without a length is resumed: pausing again for it would never end.
    if (this.#over || chunk.length === 0) return giveBack?.();
    this.#idle?.touch();
    if (this.#exchange.sink.write(chunk, giveBack)) return;
    controller.pause();
    if (this.#hearsDrain) return;
    this.#hearsDrain = true;
    this.#exchange.sink.onDrain(() => this.#onDrain());
  }

  onResponseEnd(controller: AnswerController): void {
    if (this.#over) return;
    const trailers = controller.trailers ?? readUpstreamFields(controller.rawTrailers);
    if (trailers === undefined) return this.#broken('illegal trailers');
    this.#finish();
    // Told first: the end of the answer may be the end of the exchange, and by then it has to be known how it went.
    this.#report(undefined);
    const passed = trailers.length === 0 ? trailers : sideHeaders(trailers);
    if (passed.length === 0) this.#exchange.sink.end();
    else this.#exchange.sink.end(passed);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#over) return;
    if (!this.#repeated && !this.#answerBegun && mayRepeat(error, this.#exchange, this.#controller !== undefined)) {
      this.#repeated = true;
      this.#controller = undefined;
      this.#dispatch();
      return;
    }
    this.#fail(exchangeFailure(error, this.#endpoint, this.#controller !== undefined));
  }

  onOverdue(): void {
    this.#fail(new ProxyFailure('upstream-timeout', `No whole answer of ${this.#endpoint.url} within ${this.#route.timeoutMs} ms`));
  }

  #startTimeout(): void {
    const { pool, timeoutMs } = this.#route;
    if (timeoutMs >= shortMs) pool.deadlines.set(this, timeoutMs);
    else this.#timer = setTimeout(() => this.onOverdue(), timeoutMs);
  }

  #watchIdle(): void {
    const { timeoutMs, idleTimeoutMs: idleMs } = this.#route;
    // No silence can be longer than the whole: usual settings watch none, and pay for none.
    if (timeoutMs > 0 && idleMs >= timeoutMs) return;
    const silent = (): string => `Not a byte to or from ${this.#endpoint.url} for ${idleMs} ms`;
    const onIdle = (): void => this.#fail(new ProxyFailure('upstream-idle', silent()));
    this.#idle = new IdleWatch({ idleMs, now: () => this.#observe.now(), onIdle });
  }

  #onDrain(): void {
    this.#idle?.touch();
    this.#controller?.resume();
  }

  #dispatch(): void {
    try {
      this.#endpoint.transport.dispatch(this.#request, this);
    } catch (cause) {
      this.#fail(new ProxyFailure('internal', `Cannot hand the request to ${this.#endpoint.url}`, { cause }));
    }
  }

  #passInformational(status: number, upstream: HeaderList): void {
    this.#informational += 1;
    if (this.#informational > mostInformational) this.#broken(`more than ${mostInformational} informational answers`);
    else this.#exchange.sink.informational(status, sideHeaders(upstream));
  }

  #passHead(status: number, upstream: HeaderList, isWhole: boolean): void {
    const headers = responseHeaders({
      upstream,
      isOurCookie: this.#route.headers.isOurCookie,
      requestId: this.#exchange.inbound.id,
      rewrites: this.#route.responseRewrites,
      set: this.#route.responseHeaders,
      onCookieDropped: (name) => this.#observe.cookieDropped(name),
    });
    try {
      this.#exchange.sink.head(status, headers, isWhole);
    } catch (error) {
      // The client's protocol can't carry this head; nothing of it was sent.
      this.#fail(error instanceof ProxyFailure ? error : answerFailure(error, this.#endpoint));
      return;
    }
    this.#status = status;
    this.#headMs = this.#observe.now() - this.#startedAt;
  }

  #clientLeft(): void {
    // Every exchange ends here, nearly always after its whole answer: making a failure, stack and all, for nobody would cost each of them.
    if (!this.#over) this.#fail(new ProxyFailure('client-aborted', 'The client went away before the answer was complete'));
  }

  #broken(what: string): void {
    this.#fail(new ProxyFailure('upstream-broken', `${this.#endpoint.url} answered with ${what}`));
  }

  #fail(failure: ProxyFailure): void {
    if (this.#over) return;
    const controller = this.#controller;
    this.#finish();
    controller?.abort(failure);
    if (this.#status === undefined) {
      this.#observe.failed(failure);
      return;
    }
    this.#report(failure);
    this.#exchange.sink.abort();
  }

  #finish(): void {
    this.#over = true;
    this.#controller = undefined;
    this.#route.pool.deadlines.clear(this);
    clearTimeout(this.#timer);
    this.#idle?.stop();
  }

  #report(failure: ProxyFailure | undefined): void {
    if (this.#status === undefined) return;
    this.#observe.done({ upstreamMs: this.#headMs, status: this.#status, failure });
  }
}
