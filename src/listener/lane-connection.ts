import type { Socket } from 'node:net';
import { deliver } from './deliver.ts';
import type { FrontOptions } from './front-options.ts';
import type { Http1Connection, Lane } from './http1-connection.ts';
import { endIdle } from './http1-connection.ts';
import type { LaneWire } from './lane-sink.ts';
import { LaneSink } from './lane-sink.ts';
import type { Unserved } from './listener-refusal.ts';
import type { Inbound } from '../http/inbound.ts';
import { readInbound } from './read-inbound.ts';
import type { SimpleHead } from './simple-head.ts';
import { SimpleHeadReader } from './simple-head.ts';
import type { StallWatch } from './stall-watch.ts';

/** What the connections of the lane share. */
export interface LaneHouse {
  readonly options: FrontOptions;
  /** Counts the looks at connections that wait. */
  readonly round: number;
  /** The last fields of a head. */
  lastFields(closes: boolean, hasDate: boolean): string;
  /** Node's parser takes it over, with these bytes to begin with. */
  leave(lane: LaneConnection, bytes: Buffer): void;
}

/**
 * A connection of HTTP/1.1 as long as nothing but simple requests comes over it, one after the other. Its listeners and callbacks are made
 * once: a request costs none.
 */
export class LaneConnection implements Lane, LaneWire {
  readonly socket: Socket;
  readonly state: Http1Connection;
  readonly stalls: StallWatch;
  readonly #house: LaneHouse;
  readonly #reader: SimpleHeadReader;
  /** Of the request under way. */
  #sink: LaneSink | undefined;
  #closesAfter = false;
  #unflushed = 0;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #asked = false;
  #waitsSince: number;

  constructor(socket: Socket, state: Http1Connection, house: LaneHouse) {
    this.socket = socket;
    this.state = state;
    this.stalls = house.options.stalls;
    this.#house = house;
    this.#reader = new SimpleHeadReader(house.options.limits);
    this.#waitsSince = house.round;
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('error', this.#onError);
  }

  get isBusy(): boolean {
    return this.#sink !== undefined;
  }

  get isWaiting(): boolean {
    return this.#asked && this.#sink === undefined;
  }

  get isGone(): boolean {
    return this.socket.destroyed || this.socket.writableEnded;
  }

  get isFlushed(): boolean {
    return this.#unflushed === 0;
  }

  /** For how many rounds it has waited for a request, and whether for its first; undefined while it does not wait. */
  waited(round: number): { readonly rounds: number; readonly isFirst: boolean } | undefined {
    if (this.#sink !== undefined || this.state.closing || this.state.broken) return undefined;
    return { rounds: round - this.#waitsSince, isFirst: !this.#asked };
  }

  /** From now on the socket is somebody else's. */
  release(): void {
    this.socket.off('data', this.#onData).off('drain', this.#onDrain).off('error', this.#onError);
  }

  closed(): void {
    this.#sink?.disconnected();
  }

  write(data: string | Uint8Array, onWritten?: () => void): boolean {
    this.#unflushed += 1;
    if (typeof data === 'string') return this.socket.write(data, 'latin1', this.#onWritten);
    return this.socket.write(data, onWritten === undefined ? this.#onWritten : this.#telling(onWritten));
  }

  hold(): void {
    if (this.socket.writableCorked > 0) return;
    this.socket.cork();
    process.nextTick(uncork, this.socket);
  }

  lastFields(closes: boolean, hasDate: boolean): string {
    const isLast = closes || this.#closesAfter || this.state.lastCall;
    if (isLast) this.state.closing = true;
    return this.#house.lastFields(isLast, hasDate);
  }

  destroy(): void {
    this.socket.destroy();
  }

  over(): void {
    this.#sink = undefined;
    this.#waitsSince = this.#house.round;
    const { socket, state } = this;
    if (socket.destroyed) return;
    if (state.closing) socket.destroySoon();
    else if (state.lastCall) endIdle(socket, state);
    else if (this.#early.length > 0) this.#readEarly();
  }

  readonly #onData = (chunk: Buffer): void => {
    // What comes behind an answer that ends the connection must not be acted upon: nobody would answer it (RFC 9112 section 9.6).
    if (this.state.closing || this.state.broken) return;
    if (this.#sink === undefined) this.#read(chunk);
    else this.#keep(chunk);
  };

  readonly #onDrain = (): void => this.#sink?.drained();

  // Not every error of TLS closes its socket: after a renegotiation that was refused it would stay open for ever.
  readonly #onError = (): void => void this.socket.destroy();

  readonly #onWritten = (error?: Error | null): void => {
    this.#unflushed -= 1;
    if (this.#unflushed === 0 && (error === undefined || error === null)) this.#sink?.flushed();
  };

  /** With an error or without, Node is done with the bytes when it calls back. */
  #telling(onWritten: () => void): (error?: Error | null) => void {
    return (error) => {
      onWritten();
      this.#onWritten(error);
    };
  }

  #read(bytes: Buffer): void {
    const head = this.#reader.read(bytes);
    if (head === undefined) return this.#house.leave(this, bytes);
    const { options } = this.#house;
    const reading = this.#prove(head);
    const refused = 'kind' in reading;
    this.#asked = true;
    this.#closesAfter = refused || head.fields.closes;
    if (refused) this.state.closing = true;
    const sink = new LaneSink(this, head.method);
    this.#sink = sink;
    deliver(options, { reading, body: undefined, sink });
  }

  #prove({ method, rawTarget, fields }: SimpleHead): Inbound | Unserved {
    const { newId, now, inboundRules } = this.#house.options;
    return readInbound(
      {
        id: newId(),
        receivedAt: now(),
        protocol: 'http/1.1',
        method,
        rawAuthority: fields.rawAuthority,
        authorityCount: fields.authorityCount,
        rawTarget,
        headers: fields.headers,
        connection: this.state.connection,
      },
      inboundRules(),
    );
  }

  /** Of a request that comes before the answer to the one before it. */
  #keep(chunk: Buffer): void {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (isTakeover(this.#early)) return this.destroy();
    // In many small pieces they cost more to look at than their bytes say.
    if (this.#earlyBytes > mostEarly || this.#early.length > mostPieces) this.socket.pause();
  }

  #readEarly(): void {
    const bytes = Buffer.concat(this.#early);
    this.#early = [];
    this.#earlyBytes = 0;
    if (this.socket.isPaused()) this.socket.resume();
    this.#read(bytes);
  }
}

const mostEarly = 64 * 1024;
const mostPieces = 64;

/**
 * Whether bytes that came before an answer ask for another protocol. Behind a request that still waits, the first bytes of that protocol
 * would be read as its answer; a client that does not wait to be asked gets no connection.
 */
function isTakeover(early: readonly Buffer[]): boolean {
  const [head = ''] = Buffer.concat(early).toString('latin1').split('\r\n\r\n', 1);
  return takeover.test(head);
}

const takeover = /^\s*CONNECT |\nupgrade[\t ]*:/i;

function uncork(socket: Socket): void {
  socket.uncork();
}
