import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ClientBody } from './client-body.ts';
import type { FrontOptions } from './front-options.ts';
import { Http2Meter } from './http2-meter.ts';
import type { Http2StreamOwner } from './http2-sink.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { StallWatch } from './stall-watch.ts';

/** One HTTP/2 connection and the streams on it: what they have in common is kept here, and not once for each of them. */
export class Http2Connection implements Http2StreamOwner {
  readonly session: ServerHttp2Session;
  readonly connection: Connection;
  readonly meter: Http2Meter;
  readonly stalls: StallWatch;
  readonly #socket: Socket;
  readonly #limits: ListenerLimits;
  readonly #firstHead: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout | undefined;
  /** In progress. */
  #streams = 0;
  #wasAsked = false;

  /** `onSlowHead`: after the handshake a request has to come; it is the counterpart of `headersTimeout`. */
  constructor(session: ServerHttp2Session, socket: Socket, connection: Connection, options: Http2ConnectionOptions) {
    const { limits, stalls, onSlowHead } = options;
    this.session = session;
    this.connection = connection;
    this.meter = new Http2Meter(session, socket, limits);
    this.stalls = stalls;
    this.#socket = socket;
    this.#limits = limits;
    this.#firstHead = setTimeout(onSlowHead, limits.headMs);
    this.#idle = this.#watchIdle(limits.keepAliveMs);
  }

  /** Had its requests, and has none now. */
  get isIdle(): boolean {
    return this.#streams === 0 && this.#wasAsked;
  }

  onOpened(stream: ServerHttp2Stream, fields: HeaderList): void {
    if (!this.#wasAsked) clearTimeout(this.#firstHead);
    this.#wasAsked = true;
    this.#streams += 1;
    this.meter.opened(stream, fields);
  }

  onClosing(): void {
    this.goAway();
  }

  onClosed(stream: ServerHttp2Stream, body: ClientBody | undefined): void {
    this.#streams -= 1;
    if (body !== undefined) this.meter.bodyOver(stream, body);
    if (this.#streams > 0) return;
    if (this.session.closed) this.#closeSoon();
    else if (!this.session.destroyed) this.#idle?.refresh();
  }

  /** Sends GOAWAY: streams that are open go on to their end, new ones are refused and may be retried elsewhere. */
  goAway(): void {
    this.session.close();
    if (this.#streams === 0) this.#closeSoon();
  }

  /** To be called when the session is over. */
  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#firstHead);
  }

  /**
   * Begins anew with streams only: neither pings nor a header section sent a byte at a time prolong it. The session's own timeout would
   * do, but Node does not stop it when a session is destroyed, and would hold each one for as long after its end.
   */
  #watchIdle(keepAliveMs: number): NodeJS.Timeout | undefined {
    if (keepAliveMs === 0) return undefined;
    return setTimeout(() => this.#streams === 0 && this.goAway(), keepAliveMs).unref();
  }

  /** Node waits for the client to close as well, and one that reads nothing, or is within a header section, never does. */
  #closeSoon(): void {
    const cut = setTimeout(() => this.#socket.destroy(), this.#limits.lingerMs);
    this.#socket.once('close', () => clearTimeout(cut));
  }
}

export interface Http2ConnectionOptions extends Pick<FrontOptions, 'limits' | 'stalls'> {
  readonly onSlowHead: () => void;
}
