import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../../src/http/header-list.ts';
import type { Reply } from '../../src/http/reply.ts';
import { forwardUpgrade } from '../../src/upstream/forward-upgrade.ts';
import type { UpstreamRoute } from '../../src/upstream/upstream-route.ts';
import { inboundOf, vouching } from './example-request.ts';
import type { End } from './forwarding.ts';
import { observer, permitFor } from './forwarding.ts';

/** A real HTTP server in front of `forwardUpgrade`; `ends` tells what its observers heard. */
export interface UpgradeFront extends AsyncDisposable {
  readonly port: number;
  readonly ends: readonly Promise<End>[];
  readonly cookiesDropped: readonly string[];
  /** The proxy's side of each client connection. */
  readonly sockets: readonly Duplex[];
}

/** `now` is the observer's clock where the one that jumps at each look won't do. */
export async function openFront(route: UpstreamRoute, identity: HeaderList = [], now?: () => number): Promise<UpgradeFront> {
  const ends: Promise<End>[] = [];
  const sockets: Duplex[] = [];
  const cookiesDropped: string[] = [];
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const inbound = inboundOfRequest(request);
    const { observe, over } = observer(cookiesDropped);
    const refuse = (reply: Reply): void => writeRefusal(socket, reply);
    ends.push(over);
    forwardUpgrade(permitFor(inbound), route, { inbound, socket, head, request, refuse }, vouching(identity), {
      ...observe,
      now: now ?? (() => observe.now()),
      failed(failure) {
        observe.failed(failure);
        refuse({ status: 502, headers: [], body: failure.code });
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ends,
    cookiesDropped,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function inboundOfRequest(request: IncomingMessage): ReturnType<typeof inboundOf> {
  const headers = request.rawHeaders.filter((_, index) => request.rawHeaders[index - (index % 2)]?.toLowerCase() !== 'host');
  return inboundOf({ method: request.method ?? '', target: request.url ?? '/', headers, upgrade: request.headers.upgrade?.toLowerCase() });
}

function writeRefusal(socket: Duplex, { status, headers, body }: Reply): void {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  socket.write(`${head}\r\n`);
  socket.end(body);
}

/** A client that speaks bytes. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves with everything received once it matches. */
  until(matches: (text: string) => boolean): Promise<string>;
  /** Resolves with everything received once the proxy has ended the connection. */
  readonly closed: Promise<string>;
}

export const clientKey = 'dGhlIHNhbXBsZSBub25jZQ==';
/** The answer to `clientKey` in RFC 6455 section 1.3. */
export const acceptForClientKey = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** Asks for a WebSocket; `lines` come after the usual ones, `early` after the head. */
export function openRawClient(port: number, lines: readonly string[] = [], early = ''): RawClient {
  const handshake = [
    'GET /socket?a=1 HTTP/1.1',
    'Host: app.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  ];
  const key = lines.some((line) => line.startsWith('Sec-WebSocket-Key')) ? [] : [`Sec-WebSocket-Key: ${clientKey}`];
  return openClientWith(port, `${[...handshake, ...key, ...lines].join('\r\n')}\r\n\r\n${early}`);
}

/** Sends exactly this text. */
export function openClientWith(port: number, sent: string): RawClient {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
  let received = '';
  const waiting = new Set<() => void>();
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (const check of waiting) check();
  });
  socket.write(sent, 'latin1');
  return {
    socket,
    until: (matches) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!matches(received)) return;
          waiting.delete(check);
          resolve(received);
        };
        waiting.add(check);
        check();
      }),
    closed: new Promise((resolve) => socket.once('close', () => resolve(received))),
  };
}

export function switching(lines: readonly string[] = [], accept: string = acceptForClientKey): string {
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Accept: ${accept}`];
  return `${[...head, ...lines].join('\r\n')}\r\n\r\n`;
}
