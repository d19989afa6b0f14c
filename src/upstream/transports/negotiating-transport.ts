import type { Socket } from 'node:net';
import type { EndpointTarget } from '../endpoint.ts';
import type { OpenConnection } from '../open-connection.ts';
import { speaksHttp2 } from '../open-connection.ts';
import type { AnswerHandler, Transport, UpstreamRequest } from '../transport.ts';
import { Http1Transport } from './http1-transport.ts';
import type { WaitingRequest } from './http2-transport.ts';
import { Http2Transport } from './http2-transport.ts';
import { OtherProtocol } from './other-protocol.ts';

/**
 * HTTP/2 or HTTP/1.1 over TLS, as the upstream chooses in each handshake (RFC 7301). The last choice is remembered, so that requests
 * wait for a negotiation once; an upstream that chooses otherwise later is followed then. No connection is made in vain.
 */
export class NegotiatingTransport implements Transport {
  readonly #http1: Http1Transport;
  readonly #http2: Http2Transport;
  #speaksHttp1 = false;

  constructor(target: EndpointTarget, open: OpenConnection) {
    this.#http1 = new Http1Transport({
      target,
      open: (opened) => open((error, socket) => this.#forHttp1(error, socket, opened)),
      bodiless: undefined,
    });
    this.#http2 = new Http2Transport({ scheme: 'https', open, accepts: (socket, waiting) => this.#isForHttp2(socket, waiting) });
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    if (this.#speaksHttp1) this.#http1.dispatch(request, handler);
    else this.#http2.dispatch(request, handler);
  }

  async close(): Promise<void> {
    await this.#http2.close();
    await this.#http1.close();
  }

  #isForHttp2(socket: Socket, waiting: readonly WaitingRequest[]): boolean {
    if (speaksHttp2(socket)) return true;
    this.#speaksHttp1 = true;
    this.#http1.adopt(socket);
    for (const { request, handler } of waiting) this.#http1.dispatch(request, handler);
    return false;
  }

  #forHttp1(error: Error | null, socket: Socket | null, opened: Parameters<OpenConnection>[0]): void {
    if (socket === null || !speaksHttp2(socket)) return opened(error, socket);
    this.#speaksHttp1 = false;
    this.#http2.adopt(socket);
    opened(new OtherProtocol(), null);
  }
}
