import type { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { HeaderList } from '../../http/header-list.ts';
import { nodeHttp } from '../../http/node-http.ts';
import type { EndpointTarget } from '../endpoint.ts';
import type { OpenConnection } from '../open-connection.ts';
import type { AnswerController, AnswerHandler, Transport, UpstreamRequest } from '../transport.ts';
import { withoutNames } from '../without-names.ts';
import { largestHeadBytes } from './answer-limits.ts';
import { TransportClosed } from './transport-closed.ts';
import { startUpload } from './upload.ts';

/** HTTP/1.1 requests that end with trailers, by Node's own client. They are rare: each has a connection of its own, which ends with it. */
export class TrailingTransport implements Transport {
  readonly #target: EndpointTarget;
  readonly #open: OpenConnection;
  #inFlight = 0;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(target: EndpointTarget, open: OpenConnection) {
    this.#target = target;
    this.#open = open;
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    if (this.#closing !== undefined) return handler.onResponseError(undefined, new TransportClosed());
    const sent = nodeHttp.request({
      method: request.method,
      path: request.path,
      headers: framed(request),
      setHost: false,
      maxHeaderSize: largestHeadBytes,
      host: this.#target.kind === 'unix' ? 'localhost' : this.#target.hostname,
      createConnection: (_options, created) => {
        // Where there is an error Node looks at nothing else.
        this.#open((error, socket) =>
          socket === null ? created(error ?? new Error('No connection'), new Socket()) : created(null, socket),
        );
        return undefined;
      },
    });
    // Otherwise Node leaves out the fields after the first thousand: one of them may say how the body is coded. Their bytes are limited.
    sent.maxHeadersCount = 0;
    this.#inFlight += 1;
    new TrailingExchange({ request, handler, sent, onOver: () => this.#onOver() }).start();
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    if (this.#inFlight === 0) this.#closing.resolve();
    await this.#closing.promise;
  }

  #onOver(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#closing?.resolve();
  }
}

/** In chunks, because only they leave room for trailers behind them (RFC 9112 section 7.1.2). */
function framed({ headers, trailers }: UpstreamRequest): string[] {
  const fields = [...withoutNames(headers, lengthOnly)];
  fields.push('Trailer', (trailers?.announced ?? []).join(', '), 'Transfer-Encoding', 'chunked', 'Connection', 'close');
  return fields;
}

const lengthOnly: ReadonlySet<string> = new Set(['content-length']);

interface TrailingParts {
  readonly request: UpstreamRequest;
  readonly handler: AnswerHandler;
  readonly sent: ClientRequest;
  /** Called once. Node tells no end of a request whose connection was never made. */
  readonly onOver: () => void;
}

class TrailingExchange implements AnswerController {
  readonly #request: UpstreamRequest;
  readonly #handler: AnswerHandler;
  readonly #sent: ClientRequest;
  readonly #onOver: () => void;
  #answer: IncomingMessage | undefined;
  #begun = false;
  #over = false;
  rawHeaders: HeaderList = [];
  rawTrailers: HeaderList = [];

  constructor({ request, handler, sent, onOver }: TrailingParts) {
    this.#request = request;
    this.#handler = handler;
    this.#sent = sent;
    this.#onOver = onOver;
  }

  start(): void {
    this.#sent.once('socket', () => this.#begin());
    this.#sent.on('information', ({ statusCode, rawHeaders }) => this.#head(statusCode, rawHeaders));
    this.#sent.once('response', (answer) => this.#read(answer));
    this.#sent.on('error', (error) => this.#fail(error));
    this.#sent.once('close', () => this.#fail(new Error('The connection ended')));
  }

  abort(): void {
    if (!this.#over) this.#finish();
    this.#sent.destroy();
  }

  pause(): void {
    this.#answer?.pause();
  }

  resume(): void {
    this.#answer?.resume();
  }

  #begin(): void {
    this.#handler.onRequestStart(this);
    const { body, bodyLength, trailers } = this.#request;
    if (this.#over || body === null || trailers === undefined) return;
    this.#begun = true;
    startUpload({
      body,
      length: bodyLength,
      to: this.#sent,
      beforeEnd: () => this.#sent.addTrailers(pairs(trailers.read())),
      onMoved: () => this.#handler.onBodySent(),
      onBroken: (error) => this.#fail(error),
    });
  }

  #head(status: number, rawHeaders: HeaderList): void {
    if (this.#over) return;
    this.rawHeaders = rawHeaders;
    this.#handler.onResponseStarted();
    this.#handler.onResponseStart(this, status);
  }

  #read(answer: IncomingMessage): void {
    this.#answer = answer;
    answer.on('error', (error) => this.#fail(error));
    this.#head(answer.statusCode ?? 0, answer.rawHeaders);
    if (this.#over) return;
    answer.on('data', (chunk: Buffer) => this.#over || this.#handler.onResponseData(this, chunk));
    answer.once('end', () => this.#end(answer));
  }

  #end(answer: IncomingMessage): void {
    if (this.#over) return;
    this.rawTrailers = answer.rawTrailers;
    this.#finish();
    this.#handler.onResponseEnd(this);
    // It may have come before the end of the request: nobody reads the rest.
    this.#sent.destroy();
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.#sent.destroy();
    this.#handler.onResponseError(this, error);
  }

  #finish(): void {
    this.#over = true;
    this.#onOver();
    // What nobody has read may still be sent over another connection.
    if (this.#begun) this.#request.body?.destroy();
  }
}

function pairs(fields: HeaderList): [string, string][] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []));
}
