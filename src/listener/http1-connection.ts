import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '../http/connection.ts';

/** What the HTTP/1.1 front and its lane know of one connection; they alone change it. */
export interface Http1Connection {
  readonly connection: Connection;
  /** Nothing is served on it: everybody is sent to `https://`. */
  readonly redirects: boolean;
  /** Begun and not over; several when the client pipelines. */
  readonly responses: Set<ServerResponse>;
  broken: boolean;
  /** An answer has said that it is the last one. */
  closing: boolean;
  /** It ends with the answers that are under way. */
  lastCall: boolean;
  /** Runs out when no request came after the last answer. */
  idle: NodeJS.Timeout | undefined;
  /** Undefined once it is read by Node's parser. */
  lane: Lane | undefined;
}

/** What the front asks of a connection that is in the lane of simple requests. */
export interface Lane {
  /** A request is under way. */
  readonly isBusy: boolean;
  /** It has had an answer, and no request since. */
  readonly isWaiting: boolean;
}

export function openHttp1Connection(connection: Connection, redirects: boolean): Http1Connection {
  return { connection, redirects, responses: new Set(), broken: false, closing: false, lastCall: false, idle: undefined, lane: undefined };
}

/** To its last byte: one that is still being written holds the socket, and nothing else could answer there (it would throw). */
export function isAnswered({ responses, lane }: Http1Connection): boolean {
  return responses.size === 0 && lane?.isBusy !== true;
}

/** Whether it has been used and nobody waits for an answer: the client is told nothing that it would miss. */
export function isWaiting({ responses, idle, lane }: Http1Connection): boolean {
  return lane === undefined ? idle !== undefined && responses.size === 0 : lane.isWaiting;
}

/** Whether there are as many unanswered requests as one connection may have. */
export function isCrowded({ responses }: Http1Connection, limit: number): boolean {
  return responses.size >= limit && [...responses].filter((response) => !response.writableEnded).length >= limit;
}

/** A request that crosses the end on its way must not reach an upstream: its answer could not be written any more. */
export function endIdle(socket: Duplex, state: Http1Connection): void {
  state.closing = true;
  endGently(socket);
}

/** Closing with bytes unread resets the connection and may cost the client its answer: they are read away for a second. */
export function endGently(socket: Duplex): void {
  socket.end();
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), 1_000);
  socket.once('close', () => clearTimeout(cut));
}

export type ParserError = Error & { readonly code?: string };

/** Of a connection over which nothing came. */
export const silence: ParserError = Object.assign(new Error('Nothing came'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** What Node's parser refused is told in a status line; undefined where it is the socket that broke. */
export function statusLineOf({ code = '' }: ParserError): string | undefined {
  return brokenStatuses.get(code) ?? (code.startsWith('HPE_') ? '400 Bad Request' : undefined);
}

const brokenStatuses: ReadonlyMap<string, string> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Content Too Large'],
]);
