import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from '../http/connection.ts';
import type { Inbound } from '../http/inbound.ts';
import { nodeHttp } from '../http/node-http.ts';
import type { Reply } from '../http/reply.ts';
import { ClientBody } from './client-body.ts';
import { contain } from './contain.ts';
import { deliver, deliverUpgrade } from './deliver.ts';
import type { FrontOptions } from './front-options.ts';
import type { Http1Connection, ParserError } from './http1-connection.ts';
import { endGently, endIdle, isAnswered, isCrowded, isWaiting, openHttp1Connection, silence, statusLineOf } from './http1-connection.ts';
import { Http1Lane } from './http1-lane.ts';
import { openHttp1Parser } from './http1-parser.ts';
import { Http1Sink } from './http1-sink.ts';
import type { Unserved } from './listener-refusal.ts';
import type { InboundParts } from './read-inbound.ts';
import { readInbound, refuse } from './read-inbound.ts';
import { redirectToHttps } from './redirect-to-https.ts';
import { splitHttp1Headers } from './wire-parts.ts';

/**
 * HTTP/1.1 for every TLS group and for sockets without TLS: one front that is handed sockets whose handshake is done. They begin in the lane of simple requests;
 * whatever is not simple is read by Node's parser.
 */
export class Http1Front {
  readonly #options: FrontOptions;
  readonly #server: Server;
  readonly #lane: Http1Lane;
  readonly #sockets = new Map<Duplex, Http1Connection>();
  readonly #readings = new WeakMap<IncomingMessage, Inbound | Unserved>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#server = openHttp1Parser(options.limits, (request) => this.#isUpgrade(request));
    this.#server.on('request', (request, response) => this.#receive(request, response));
    this.#server.on('checkContinue', (request, response) => this.#receive(request, response));
    this.#server.on('checkExpectation', (request, response) => this.#receive(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('connect', (request, socket) => this.#refuseConnect(request, socket));
    this.#server.on('clientError', (error: ParserError, socket) => this.#refuseBroken(error, socket));
    this.#lane = new Http1Lane(options, {
      onLeave: (socket) => this.#parse(socket),
      onSilent: (socket) => this.#refuseBroken(silence, socket),
    });
  }

  /** `redirects`: nothing is served here, everybody is sent to `https://`. */
  accept(socket: Socket, connection: Connection, redirects: boolean = false): void {
    const state = openHttp1Connection(connection, redirects);
    this.#sockets.set(socket, state);
    socket.once('close', () => {
      clearTimeout(state.idle);
      this.#sockets.delete(socket);
      // Behind a CONNECT Node forgets the answers that were still queued: none of them would ever be told that it is over.
      for (const response of state.responses) response.destroy();
    });
    if (redirects) this.#parse(socket);
    else this.#lane.open(socket, state);
  }

  /**
   * Ends connections without a request now, the others with their answer; answers how many it had not been told of before. Upgraded ones
   * are not its business any more.
   */
  endConnections(isOver: (connection: Connection) => boolean): number {
    let ended = 0;
    for (const [socket, state] of this.#sockets) {
      if (state.lastCall || state.closing || !isOver(state.connection)) continue;
      ended += 1;
      state.lastCall = true;
      if (isAnswered(state)) endIdle(socket, state);
    }
    return ended;
  }

  /** Ends some connections that wait for a further request, those that were opened first. */
  makeRoom(count: number): void {
    let left = count;
    for (const [socket, state] of this.#sockets) {
      if (left === 0) return;
      if (!isWaiting(state) || state.closing) continue;
      left -= 1;
      endIdle(socket, state);
    }
  }

  /** Stops the checks of times. */
  close(): void {
    this.#server.close();
    this.#lane.close();
  }

  /** From now on Node's parser reads what comes. */
  #parse(socket: Socket): void {
    this.#server.emit('connection', socket);
    // Whoever looked at the first bytes paused it and put them back; Node's front reads past them as long as it is paused.
    if (socket.isPaused()) socket.resume();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const state = this.#sockets.get(socket);
    // A pipelined request behind an answer that ends the connection must not be acted upon: nobody would answer it (RFC 9112 section 9.6).
    if (state?.closing === true || socket.destroyed) return;
    // Some fifty bytes each, and each may open a connection to an upstream: bounded as HTTP/2 bounds its streams.
    if (state !== undefined && isCrowded(state, this.#options.limits.concurrentStreams)) return void socket.destroy();
    const reading = state === undefined ? undefined : (this.#readings.get(request) ?? this.#read(request, state));
    const refused = reading !== undefined && 'kind' in reading;
    // An upgrade to us and none to Node: two readers disagree, so nobody is believed.
    if (state === undefined || reading === undefined || (!refused && reading.upgrade !== undefined)) return void socket.destroy();
    state.closing = refused;
    state.responses.add(response);
    response.once('close', () => this.#settle(socket, state, response));
    const body = this.#bodyOf(request, response);
    const { stalls, limits, inboundRules } = this.#options;
    // After a refusal the framing is in doubt; after an ignored offer to upgrade Node reads no further request.
    const mustClose = () => refused || state.lastCall || request.headers.upgrade !== undefined;
    const onClosing = () => void (state.closing = true);
    const sink = new Http1Sink({ request, response, body, stalls, limits, mustClose, onClosing });
    if (body === undefined) return deliver(this.#options, { reading, body, sink });
    const rules = inboundRules();
    // The rest of what came with the head is read first: a chunk that turns out bad must not be half way to an upstream.
    setImmediate(() => {
      if (socket.destroyed || state.broken) return;
      // Read again where a reload came between: what is judged was read by the rules of its own snapshot.
      const current = inboundRules() === rules ? reading : this.#read(request, state);
      deliver(this.#options, { reading: current, body, sink });
    });
  }

  #settle(socket: Duplex, state: Http1Connection, response: ServerResponse): void {
    state.responses.delete(response);
    if (state.responses.size > 0) return;
    if (state.lastCall) endIdle(socket, state);
    else if (!socket.destroyed) this.#waitForNext(socket, state);
  }

  /** Node's own limit starts anew with every byte, and empty lines before a request are no beginning of one to it. */
  #waitForNext(socket: Duplex, state: Http1Connection): void {
    const { keepAliveMs, headMs } = this.#options.limits;
    if (keepAliveMs === 0) return;
    const isOurs = () => this.#sockets.get(socket) === state && state.responses.size === 0;
    state.idle = state.idle?.refresh() ?? setTimeout(() => void (isOurs() && socket.destroy()), keepAliveMs + headMs);
  }

  #read(request: IncomingMessage, { connection, redirects }: Http1Connection): Inbound | Unserved {
    const parts: InboundParts = {
      id: this.#options.newId(),
      receivedAt: this.#options.now(),
      protocol: request.httpVersion === '1.1' ? 'http/1.1' : 'http/1.0',
      method: request.method ?? '',
      rawTarget: request.url ?? '',
      connection,
      ...splitHttp1Headers(request.rawHeaders),
    };
    // Node reads what calls itself HTTP/2.0 or HTTP/0.9 like the others; what it means by its framing, nobody has said.
    const isKnown = request.httpVersion === '1.1' || request.httpVersion === '1.0';
    const reading = isKnown ? readInbound(parts, this.#options.inboundRules()) : refuse(parts, 'framing-invalid');
    return redirects ? redirectToHttps(parts, reading) : reading;
  }

  #bodyOf(request: IncomingMessage, response: ServerResponse): ClientBody | undefined {
    const { 'content-length': length, 'transfer-encoding': coding, expect } = request.headers;
    if (coding === undefined && (length === undefined || length === '0')) return undefined;
    return new ClientBody({
      source: request,
      length: length === undefined ? undefined : Number(length),
      idleMs: this.#options.limits.bodyIdleMs,
      isAnswered: () => response.headersSent,
      isWhole: () => request.complete,
      trailers: () => request.rawTrailers,
      onFirstRead() {
        if (expect !== undefined) onTurn(response, () => response.headersSent || response.destroyed || response.writeContinue());
      },
    });
  }

  /** Asked by Node for every request with an `Upgrade` field: whether it becomes an 'upgrade' or stays a 'request'. */
  #isUpgrade(request: IncomingMessage): boolean {
    const state = this.#sockets.get(request.socket);
    // Behind a request that still waits for its answer, the bytes of the other protocol would come first and be read as that answer.
    if (state === undefined || !isAnswered(state)) return false;
    const reading = this.#read(request, state);
    this.#readings.set(request, reading);
    return !('kind' in reading) && reading.upgrade !== undefined;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const inbound = this.#readings.get(request);
    // Another socket than the request's is Node's stand-in while a body is still arriving; an upgrade has none.
    if (inbound === undefined || 'kind' in inbound || !(socket instanceof Socket)) return void socket.destroy();
    this.#sockets.delete(socket);
    const refuseWith = (reply: Reply) => this.#detachedSink(request, socket).send(reply);
    deliverUpgrade(this.#options, { inbound, socket, head, request, refuse: refuseWith });
  }

  #refuseConnect(request: IncomingMessage, socket: Duplex): void {
    const state = this.#sockets.get(socket);
    if (state === undefined || !isAnswered(state) || !(socket instanceof Socket)) return void socket.destroy();
    this.#sockets.delete(socket);
    const reading = this.#read(request, state);
    deliver(this.#options, { reading, body: undefined, sink: this.#detachedSink(request, socket) });
  }

  /** For a socket that Node's parser has let go of: the answer is the last thing written to it. */
  #detachedSink(request: IncomingMessage, socket: Socket): Http1Sink {
    const response = new nodeHttp.ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      response.detachSocket(socket);
      // Of a response that is not its own Node tells no 'close', and the sink waits for it.
      response.emit('close');
      endGently(socket);
    });
    const { stalls, limits } = this.#options;
    return new Http1Sink({ request, response, body: undefined, stalls, limits, mustClose: () => true, onClosing: () => undefined });
  }

  /** What the parser refused, or waited for too long: there is no request to show anybody, so the answer is bare. */
  #refuseBroken(error: ParserError, socket: Duplex): void {
    const state = this.#sockets.get(socket);
    // The parser complains again about every further byte.
    if (state?.broken === true) return;
    const answered = state === undefined || state.responses.size > 1 || [...state.responses].some((response) => response.headersSent);
    const status = statusLineOf(error);
    // Without a status it is the socket that broke, and nobody is left to be told.
    if (answered || !socket.writable || status === undefined) return void socket.destroy();
    state.broken = true;
    const { handlers } = this.#options;
    // Browsers open connections ahead of their requests: one that was never used is no request that broke.
    const wasUsed = !(socket instanceof Socket) || socket.bytesRead > 0;
    if (wasUsed)
      contain(handlers, () => handlers.onBrokenRequest?.(state.connection, Number(status.slice(0, 3)), error.code ?? error.message));
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    endGently(socket);
  }
}

/**
 * Behind an answer that is still on its way Node queues an interim one, and puts the head of the final one in front of the queue: the
 * client would read it as the beginning of the body.
 */
function onTurn(response: ServerResponse, act: () => void): void {
  if (response.socket === null) response.once('socket', act);
  else act();
}
