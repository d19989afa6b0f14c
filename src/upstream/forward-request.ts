import type { Dispatcher } from 'undici';
import type { Exchange } from '../http/exchange.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Permit } from '../policy/decide.ts';
import { checkPermit } from './check-permit.ts';
import type { Endpoint } from './endpoint.ts';
import type { ForwardObserver } from './forward-observer.ts';
import { answerFailure, connectFailure, errorCode, isStaleConnection } from './read-failure.ts';
import { requestHeaders } from './request-headers.ts';
import { defaultResponseHeaders, responseHeaders, sideHeaders } from './response-headers.ts';
import { hasReadableCoding, readUpstreamFields } from './upstream-fields.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import { upstreamTarget } from './upstream-target.ts';

/**
 * Sends a permitted request to the route's next endpoint and its answer to the sink, streaming both ways. Throws a
 * `ProxyFailure` for a permit of another route or target, before anything is sent; every later fault goes to `observe`.
 */
export function forwardRequest(
  permit: Permit,
  route: UpstreamRoute,
  exchange: Exchange,
  identity: HeaderList,
  observe: ForwardObserver,
): void {
  checkPermit(permit, route, exchange.inbound);
  new Forwarding(route, exchange, identity, observe).start();
}

// 103 may come once or twice; a flood of them would keep a client waiting and our memory filling.
const mostInformational = 16;
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

type DispatchOptions = Dispatcher.DispatchOptions & { readonly servername: string };

/** One exchange with an upstream: what undici reports, turned into what the sink and the observer want to hear. */
class Forwarding implements Dispatcher.DispatchHandler {
  readonly #route: UpstreamRoute;
  readonly #exchange: Exchange;
  readonly #observe: ForwardObserver;
  readonly #endpoint: Endpoint;
  readonly #options: DispatchOptions;
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  /** Undefined until a connection is there and the request is being written. */
  #controller: Dispatcher.DispatchController | undefined;
  #answerBegun = false;
  #informational = 0;
  #repeated = false;
  /** Of the answer that was begun towards the client. */
  #status: number | undefined;
  #over = false;

  constructor(route: UpstreamRoute, exchange: Exchange, identity: HeaderList, observe: ForwardObserver) {
    this.#route = route;
    this.#exchange = exchange;
    this.#observe = observe;
    this.#endpoint = route.pool.choose();
    this.#options = dispatchOptions(route, this.#endpoint, exchange, identity);
    this.#startedAt = observe.now();
  }

  start(): void {
    const { sink, body } = this.#exchange;
    sink.onDrain(() => this.#controller?.resume());
    sink.onClose(() => this.#clientLeft());
    body?.stream.on('error', (cause) => this.#fail(bodyFailure(cause)));
    const { timeoutMs } = this.#route;
    if (timeoutMs > 0) {
      const late = (): string => `No whole answer of ${this.#endpoint.url} within ${timeoutMs} ms`;
      this.#timer = setTimeout(() => this.#fail(new ProxyFailure('upstream-timeout', late())), timeoutMs);
    }
    this.#dispatch();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It ended while the connection was being made.
    if (this.#over) controller.abort(new Error('The exchange is over'));
  }

  onResponseStarted(): void {
    this.#answerBegun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#over) return;
    const upstream = readUpstreamFields(controller.rawHeaders);
    // Nobody asked for 101; a status that HTTP/2 can't carry could be sent to half of the clients only.
    if (upstream === undefined || status === 101 || status > 599) this.#broken(`an illegal head with status ${status}`);
    else if (!hasReadableCoding(upstream)) this.#broken('a transfer coding other than chunked');
    else if (status < 200) this.#passInformational(status, upstream);
    else this.#passHead(status, upstream);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici reports an empty chunk each time a body without a length is resumed: pausing again for it would never end.
    if (this.#over || chunk.length === 0) return;
    if (!this.#exchange.sink.write(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#over) return;
    const trailers = readUpstreamFields(controller.rawTrailers);
    if (trailers === undefined) {
      this.#broken('illegal trailers');
      return;
    }
    this.#finish();
    const passed = sideHeaders(trailers);
    if (passed.length === 0) this.#exchange.sink.end();
    else this.#exchange.sink.end(passed);
    this.#report(undefined);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#over) return;
    if (this.#mayRepeat(error)) {
      this.#repeated = true;
      this.#controller = undefined;
      this.#dispatch();
      return;
    }
    this.#fail(this.#readFailure(error));
  }

  #dispatch(): void {
    try {
      this.#endpoint.dispatcher.dispatch(this.#options, this);
    } catch (cause) {
      this.#fail(new ProxyFailure('internal', `Cannot hand the request to ${this.#endpoint.url}`, { cause }));
    }
  }

  #passInformational(status: number, upstream: HeaderList): void {
    this.#informational += 1;
    if (this.#informational > mostInformational) this.#broken(`more than ${mostInformational} informational answers`);
    else this.#exchange.sink.informational(status, sideHeaders(upstream));
  }

  #passHead(status: number, upstream: HeaderList): void {
    const headers = responseHeaders({
      upstream,
      isOurCookie: this.#route.headers.isOurCookie,
      requestId: this.#exchange.inbound.id,
      set: this.#route.responseHeaders ?? defaultResponseHeaders,
      onCookieDropped: (name) => this.#observe.cookieDropped(name),
    });
    try {
      this.#exchange.sink.head(status, headers);
    } catch (error) {
      // The client's protocol can't carry this head; nothing of it was sent.
      this.#fail(error instanceof ProxyFailure ? error : answerFailure(error, this.#endpoint));
      return;
    }
    this.#status = status;
  }

  /**
   * Only what certainly changed nothing: the connection was closed before a single byte of an answer, and the method promises
   * that asking twice is asking once (RFC 9110 section 9.2.2). Anything more is the client's decision.
   */
  #mayRepeat(error: Error): boolean {
    const { inbound, body } = this.#exchange;
    if (this.#repeated || this.#controller === undefined || this.#answerBegun) return false;
    return body === undefined && repeatable.has(inbound.method) && isStaleConnection(error);
  }

  #readFailure(error: Error): ProxyFailure {
    const code = errorCode(error);
    if (ourFaults.has(code))
      return new ProxyFailure('internal', `Cannot send the request to ${this.#endpoint.url}: ${code}`, { cause: error });
    if (bodyFaults.has(code)) return bodyFailure(error);
    return this.#controller === undefined ? connectFailure(error, this.#endpoint) : answerFailure(error, this.#endpoint);
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
    this.#finish();
    this.#controller?.abort(failure);
    if (this.#status === undefined) {
      this.#observe.failed(failure);
      return;
    }
    this.#exchange.sink.abort();
    this.#report(failure);
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #report(failure: ProxyFailure | undefined): void {
    if (this.#status === undefined) return;
    this.#observe.done({ upstreamMs: this.#observe.now() - this.#startedAt, status: this.#status, failure });
  }
}

// Only the client's body ends a request of undici's that we did not abort ourselves in one of these ways.
const bodyFaults: ReadonlySet<string> = new Set(['UND_ERR_ABORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);
const ourFaults: ReadonlySet<string> = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);

/** The stream may say itself that the client was too slow; anything else is a client that went away. */
function bodyFailure(cause: unknown): ProxyFailure {
  if (cause instanceof ProxyFailure) return cause;
  return new ProxyFailure('client-aborted', 'The body of the request broke off', { cause });
}

function dispatchOptions(route: UpstreamRoute, endpoint: Endpoint, exchange: Exchange, identity: HeaderList): DispatchOptions {
  const { inbound, body } = exchange;
  const headers = requestHeaders({ inbound, plan: route.headers, endpoint, identity, forUpgrade: false });
  if (body?.length !== undefined) headers.push('Content-Length', String(body.length));
  return {
    path: upstreamTarget(route, endpoint, inbound),
    method: inbound.method,
    headers,
    body: body === undefined || body.length === 0 ? null : body.stream,
    // Constant per endpoint: by a changing one undici would close and open its connection at every turn.
    servername: endpoint.target.kind === 'unix' ? 'localhost' : endpoint.target.hostname,
  };
}
