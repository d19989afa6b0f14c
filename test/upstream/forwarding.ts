import { Readable } from 'node:stream';
import type { Exchange, ReplySink, RequestBody } from '../../src/http/exchange.ts';
import type { HeaderList } from '../../src/http/header-list.ts';
import type { Inbound } from '../../src/http/inbound.ts';
import type { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { Permit } from '../../src/policy/decide.ts';
import { decide } from '../../src/policy/decide.ts';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { createPool } from '../../src/upstream/create-pool.ts';
import type { ForwardObserver, ForwardOutcome } from '../../src/upstream/forward-observer.ts';
import { forwardRequest } from '../../src/upstream/forward-request.ts';
import type { UpstreamRoute } from '../../src/upstream/upstream-route.ts';
import { plainTls } from '../../src/upstream/upstream-tls.ts';
import { compiled, exampleFacts, noAccess } from '../policy/example-facts.ts';
import { plainPlan, vouching } from './example-request.ts';

/** A pool of equal upstreams, in plain settings. */
export function poolTo(...urls: readonly URL[]): UpstreamPool {
  return createPool({ to: urls.map((url) => ({ url, weight: 1 })), tls: plainTls });
}

export function routeOf(pool: UpstreamPool, given: Partial<UpstreamRoute> = {}): UpstreamRoute {
  const answers = { responseRewrites: [], responseHeaders: [] };
  return {
    routeId: 'app',
    pool,
    headers: plainPlan,
    timeoutMs: 0,
    idleTimeoutMs: 0,
    upgrades: new Set(['websocket']),
    ...answers,
    ...given,
  };
}

/** A genuine permit, made the only way there is. */
export function permitFor(inbound: Pick<Inbound, 'path' | 'query'>, routeId = 'app'): Permit {
  const policy = compiled(undefined, { access: { ...noAccess, publicAccess: true } });
  const decision = decide(policy, exampleFacts, { routeId, path: inbound.path, query: inbound.query, validUntil: Infinity });
  if (decision.kind !== 'allow') throw new Error('the policy for tests allows everybody');
  return decision.permit;
}

/** A client of any protocol, as the upstream room sees it; `slow` makes every write fill its buffer. */
export class FakeSink implements ReplySink {
  status: number | undefined;
  bytesWritten = 0;
  headWasWhole = false;
  headers: HeaderList = [];
  trailers: HeaderList | undefined;
  ended: 'complete' | 'aborted' | undefined;
  readonly informationals: (readonly [number, HeaderList])[] = [];
  readonly chunks: Uint8Array[] = [];
  slow = false;
  onWrite: () => void = () => undefined;
  onHead: () => void = () => undefined;
  #drain: () => void = () => undefined;
  readonly #closed: ((complete: boolean) => void)[] = [];

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }
  send(): void {
    throw new Error('the upstream room sends no replies');
  }
  informational(status: number, headers: HeaderList): void {
    this.informationals.push([status, headers]);
  }
  head(status: number, headers: HeaderList, isWhole = false): void {
    this.headWasWhole = isWhole;
    this.status = status;
    this.headers = headers;
    this.onHead();
  }
  write(chunk: Uint8Array): boolean {
    this.bytesWritten += chunk.length;
    if (this.slow) this.onWrite();
    else this.chunks.push(chunk);
    return !this.slow;
  }
  end(trailers?: HeaderList): void {
    this.trailers = trailers;
    this.close('complete');
  }
  abort(): void {
    this.close('aborted');
  }
  onDrain(resume: () => void): void {
    this.#drain = resume;
  }
  drain(): void {
    this.#drain();
  }
  onClose(closed: (complete: boolean) => void): void {
    this.#closed.push(closed);
  }
  /** What a client that goes away does. */
  close(how: 'complete' | 'aborted'): void {
    if (this.ended !== undefined) return;
    this.ended = how;
    for (const closed of this.#closed) closed(how === 'complete');
  }
}

export type End = { readonly kind: 'done'; readonly outcome: ForwardOutcome } | { readonly kind: 'failed'; readonly failure: ProxyFailure };

export interface Run {
  readonly sink: FakeSink;
  readonly cookiesDropped: readonly string[];
  readonly over: Promise<End>;
}

export interface Asked {
  readonly identity?: HeaderList;
  readonly body?: RequestBody | undefined;
  readonly sink?: FakeSink;
}

/** Forwards a request with its permit; `over` resolves with what the observer was told, and rejects when it was told twice. */
export function forward(route: UpstreamRoute, inbound: Inbound, { identity = [], body, sink = new FakeSink() }: Asked = {}): Run {
  const cookiesDropped: string[] = [];
  const { observe, over } = observer(cookiesDropped);
  const exchange: Exchange = { inbound, body, sink };
  forwardRequest(permitFor(inbound), route, exchange, vouching(identity), observe);
  return { sink, cookiesDropped, over };
}

export function observer(cookiesDropped: string[] = []): { readonly observe: ForwardObserver; readonly over: Promise<End> } {
  const { promise, resolve } = Promise.withResolvers<End>();
  let told = 0;
  let at = 0;
  const tell = (end: End): void => {
    told += 1;
    if (told > 1) throw new Error('the observer was told twice');
    resolve(end);
  };
  const observe: ForwardObserver = {
    now: () => (at += 5),
    failed: (failure) => tell({ kind: 'failed', failure }),
    done: (outcome) => tell({ kind: 'done', outcome }),
    cookieDropped: (name) => cookiesDropped.push(name),
  };
  return { observe, over: promise };
}

export function bodyOf(text: string, length: number | undefined = text.length): RequestBody {
  return { stream: Readable.from([Buffer.from(text)], { objectMode: false }), length, trailers: () => [] };
}

export async function failureCode(run: Pick<Run, 'over'>): Promise<string> {
  const end = await run.over;
  return end.kind === 'failed' ? end.failure.code : `done ${end.outcome.status} ${end.outcome.failure?.code ?? 'whole'}`;
}
