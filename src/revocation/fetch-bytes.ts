import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { nodeHttp } from '../http/node-http.ts';
import type { AllowedSource } from './allowed-source.ts';
import type { Resolve } from './checked-lookup.ts';
import { RefusedAddress, checkedLookup } from './checked-lookup.ts';
import type { Slots } from './take-slots.ts';

export interface FetchOrder {
  readonly source: AllowedSource;
  /** What is posted; undefined: a GET. */
  readonly post?: { readonly type: string; readonly bytes: Buffer };
  /** What an answer may weigh. */
  readonly mostBytes: number;
  /** Until the head of the answer is there, waiting for a place included. */
  readonly headWithinMs: number;
  /** Until its last byte. */
  readonly allWithinMs: number;
}

export type FetchOutcome = { readonly kind: 'ok'; readonly bytes: Buffer } | FetchFailure;

/**
 * `refused`: not asked, or it wanted us to ask somebody else. `timeout`, `error`: no whole answer. `invalid`: an answer that can't be used.
 * `explanation` is a clause: "the connection failed (ECONNREFUSED)".
 */
export interface FetchFailure {
  readonly kind: 'refused' | 'timeout' | 'error' | 'invalid';
  readonly explanation: string;
}

export type FetchBytes = (order: FetchOrder) => Promise<FetchOutcome>;

export interface FetchOptions {
  readonly resolve: Resolve;
  readonly slots: Slots;
  /** Ends everything under way. */
  readonly closed: AbortSignal;
}

/**
 * One request, one connection, one answer of status 200, as it came over the wire: no redirect is followed, nothing is unpacked, and neither
 * time nor size is the server's to choose. Never rejects.
 */
export function createFetchBytes({ resolve, slots, closed }: FetchOptions): FetchBytes {
  const lookups = { any: checkedLookup(resolve, false), public: checkedLookup(resolve, true) };

  return async (order) => {
    const late = new AbortController();
    const tooLate = (): void => late.abort();
    const headTimer = setTimeout(tooLate, order.headWithinMs);
    const wholeTimer = setTimeout(tooLate, order.allWithinMs);
    const signal = AbortSignal.any([late.signal, closed]);
    const lookup = order.source.onlyPublic ? lookups.public : lookups.any;
    try {
      const outcome = await slots.take(machineOf(order.source), signal, () =>
        ask(order, { lookup, signal }, () => clearTimeout(headTimer)),
      );
      if (outcome !== undefined) return outcome;
      return signal.aborted ? lateAnswer : { kind: 'refused', explanation: 'too many others were being asked' };
    } catch (error) {
      return signal.aborted ? lateAnswer : explain(error);
    } finally {
      clearTimeout(headTimer);
      clearTimeout(wholeTimer);
    }
  };
}

/** Whatever its ports: authorities choose them, and one that hangs must not take the places of others by having many. */
function machineOf({ url }: AllowedSource): string {
  return url.hostname.replace(/\.$/, '');
}

const lateAnswer: FetchFailure = { kind: 'timeout', explanation: 'no whole answer came in time' };

async function ask({ source, post, mostBytes }: FetchOrder, options: RequestOptions, onHead: () => void): Promise<FetchOutcome> {
  const send = source.url.protocol === 'https:' ? requestOverTls : nodeHttp.request;
  const request = send(source.url, {
    ...options,
    method: post === undefined ? 'GET' : 'POST',
    // A connection of its own: one that was kept may be closed by the other side just now, and a POST is not sent twice.
    agent: false,
    // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED).
    ...(source.url.protocol === 'https:' ? { rejectUnauthorized: true } : {}),
    headers: {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'postern',
      ...(post === undefined ? {} : { 'content-type': post.type, 'content-length': post.bytes.length }),
    },
  });
  // What fails after the answer began is told by its body; without a listener it would end the process.
  request.on('error', () => {});
  try {
    request.end(post?.bytes);
    const response = await answerTo(request);
    onHead();
    return unusableHead(response, mostBytes) ?? (await readBody(response, mostBytes));
  } finally {
    request.destroy();
  }
}

/**
 * The close counts, too: Node ends a request without a word when the server switches protocols (101), and whoever waited for ever
 * would keep a place that others need.
 */
function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    request.once('close', () => reject(new Error('it gave no answer of HTTP')));
  });
}

function unusableHead({ statusCode = 0, headers }: IncomingMessage, mostBytes: number): FetchFailure | undefined {
  if (statusCode >= 300 && statusCode < 400)
    return { kind: 'refused', explanation: `it redirects (status ${statusCode}), which is not followed` };
  if (statusCode !== 200) return { kind: 'error', explanation: `it answered with status ${statusCode}` };
  const coding = headers['content-encoding'];
  // A small answer may unpack to gigabytes (CVE-2026-50285), and nothing packed was asked for.
  if (coding !== undefined && coding !== 'identity') return { kind: 'invalid', explanation: 'its answer is packed' };
  return Number(headers['content-length'] ?? 0) > mostBytes ? tooLarge(mostBytes) : undefined;
}

async function readBody(response: IncomingMessage, mostBytes: number): Promise<FetchOutcome> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > mostBytes) return tooLarge(mostBytes);
    parts.push(part);
  }
  return { kind: 'ok', bytes: Buffer.concat(parts) };
}

function tooLarge(mostBytes: number): FetchFailure {
  return { kind: 'invalid', explanation: `its answer is larger than ${mostBytes} bytes` };
}

function explain(error: unknown): FetchFailure {
  if (error instanceof RefusedAddress) return { kind: 'refused', explanation: `${error.message}, which must not be asked` };
  // With several addresses, each failed in its own way: one says enough.
  const [cause] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [error];
  if (!(cause instanceof Error)) return { kind: 'error', explanation: 'the connection failed' };
  return { kind: 'error', explanation: `the connection failed (${'code' in cause ? String(cause.code) : cause.message})` };
}
