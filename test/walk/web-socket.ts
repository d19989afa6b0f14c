import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AskOptions, House } from './house.ts';

/** The parts of the package `ws` that are used here; it brings no types. */
export interface Socket {
  readonly protocol: string;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'open', listener: () => void): this;
  once(event: 'unexpected-response', listener: (request: unknown, response: IncomingMessage) => void): this;
  once(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  once(event: 'open', listener: () => void): this;
  send(data: string | Buffer): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

interface SocketServer {
  readonly clients: ReadonlySet<Socket>;
  on(event: 'connection', listener: (socket: Socket, request: IncomingMessage) => void): this;
}

interface Library {
  readonly WebSocket: new (url: string, protocols: readonly string[], options: unknown) => Socket;
  readonly WebSocketServer: new (options: unknown) => SocketServer;
}

async function library(): Promise<Library> {
  const specifier: string = 'ws';
  return (await import(specifier)) as Library;
}

/** An upstream that speaks WebSocket; `greet` gets each connection. Of the subprotocols offered it takes `chat`. */
export async function openSocketUpstream(
  greet: (socket: Socket, request: IncomingMessage) => void,
): Promise<AsyncDisposable & { readonly url: string }> {
  const { WebSocketServer } = await library();
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    maxPayload: 64 * 1024 * 1024,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has('chat') ? 'chat' : false),
  });
  server.on('connection', greet);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export interface DialOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: AskOptions['client'];
}

/** What became of an attempt: an open socket, or the answer that came instead. */
export type Dialled =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'refused'; readonly status: number; readonly headers: IncomingMessage['headers'] };

/** The little of a house that a client has to know. */
interface Dialable extends Pick<House, 'port'> {
  readonly pki: { readonly serverCa: Pick<House['pki']['serverCa'], 'certificatePem'> };
}

/** Dials `host` at a house, whatever the name resolves to elsewhere. */
export async function dial(house: Dialable, host: string, options: DialOptions = {}): Promise<Dialled> {
  const { WebSocket } = await library();
  const { protocols = [], headers = {}, client } = options;
  const socket = new WebSocket(`wss://${host}:${house.port}/socket`, protocols, {
    ca: house.pki.serverCa.certificatePem,
    headers,
    lookup: toLoopback,
    maxPayload: 64 * 1024 * 1024,
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ kind: 'open', socket }));
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      response.once('close', () => resolve({ kind: 'refused', status: response.statusCode ?? 0, headers: response.headers }));
    });
    socket.on('error', reject);
  });
}

function toLoopback(
  _name: string,
  { all }: { readonly all?: boolean },
  found: (error: null, address: string | { address: string; family: number }[], family?: number) => void,
): void {
  if (all === true) found(null, [{ address: '127.0.0.1', family: 4 }]);
  else found(null, '127.0.0.1', 4);
}
