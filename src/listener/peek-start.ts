import type { Socket } from 'node:net';
import type { PeerAddress } from './peer-address.ts';
import { createProxyHeaderReader } from './proxy-header.ts';

export interface StartOptions<Found> {
  /** From the call; bytes that arrive do not prolong it, those of a PROXY header among them. */
  readonly withinMs: number;
  /** The part of it that a PROXY header may take. */
  readonly headerMs: number;
  /** The connection has to begin with a PROXY header, which is taken off it. */
  readonly proxyProtocol: boolean;
  /** What is waited for, as a reason names it. */
  readonly awaited: string;
  /** Takes the next bytes; undefined: more are needed. */
  read(chunk: Buffer): Found | undefined;
  /** Told whom a PROXY header names; false: the connection was closed, and nobody wants to hear of it. */
  readonly onSource: (source: PeerAddress) => boolean;
}

export type Start<Found> = { readonly kind: 'read'; readonly found: Found; readonly source: PeerAddress | undefined } | UnusableStart;

export interface UnusableStart {
  readonly kind: 'unusable';
  readonly result: 'malformed' | 'timeout' | 'failed';
  readonly reason: string;
  readonly source: PeerAddress | undefined;
  /** It was the PROXY header that did not come, or came wrong. */
  readonly isHeaderFault: boolean;
}

/**
 * Looks at the first bytes of an accepted socket and puts them back, but for the PROXY header. The socket is paused afterwards; of one
 * that is unusable the closing is the caller's business.
 */
export function peekStart<Found>(socket: Socket, options: StartOptions<Found>, onStart: (start: Start<Found>) => void): void {
  const chunks: Buffer[] = [];
  let header = options.proxyProtocol ? createProxyHeaderReader() : undefined;
  let source: PeerAddress | undefined;
  let deadline = setTimeout(expire, header === undefined ? options.withinMs : options.headerMs);

  function awaited(): string {
    return header === undefined ? options.awaited : 'PROXY header';
  }

  function stop(): void {
    clearTimeout(deadline);
    socket.off('data', take);
    socket.off('close', leave);
  }

  function finish(start: Start<Found>): void {
    stop();
    socket.pause();
    const putBack = Buffer.concat(chunks);
    if (start.kind === 'read' && putBack.length > 0) socket.unshift(putBack);
    onStart(start);
  }

  function fail(result: UnusableStart['result'], reason: string): void {
    finish({ kind: 'unusable', result, reason, source, isHeaderFault: header !== undefined });
  }

  function take(chunk: Buffer): void {
    const bytes = header === undefined ? chunk : afterHeader(chunk);
    if (bytes === undefined || bytes.length === 0) return;
    chunks.push(bytes);
    const found = options.read(bytes);
    if (found !== undefined) finish({ kind: 'read', found, source });
  }

  function afterHeader(chunk: Buffer): Buffer | undefined {
    const reading = header?.push(chunk);
    if (reading?.kind === 'malformed') fail('malformed', reading.reason);
    if (reading?.kind !== 'header') return undefined;
    header = undefined;
    source = reading.source;
    if (source !== undefined && !options.onSource(source)) {
      stop();
      return undefined;
    }
    if (options.withinMs > options.headerMs) {
      clearTimeout(deadline);
      deadline = setTimeout(expire, options.withinMs - options.headerMs);
    }
    return reading.rest;
  }

  function expire(): void {
    fail('timeout', `no complete ${awaited()} in time`);
  }

  function leave(): void {
    fail('failed', `the client went away before its ${awaited()}`);
  }

  socket.on('data', take);
  socket.on('close', leave);
}
