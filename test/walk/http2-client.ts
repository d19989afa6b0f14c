import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { AskOptions, House } from './house.ts';

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
}

export interface Http2Request {
  /** The host of `:authority`; the connection's when left out. */
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly trailers?: OutgoingHttpHeaders;
}

/** One HTTP/2 connection to a house, opened for one host. */
export interface Http2Client extends AsyncDisposable {
  readonly session: ClientHttp2Session;
  ask(request?: Http2Request): Promise<Http2Answer>;
}

export async function openHttp2(house: Pick<House, 'port' | 'pki'>, host: string, client?: AskOptions['client']): Promise<Http2Client> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: house.port,
    servername: host,
    ALPNProtocols: ['h2'],
    ca: house.pki.serverCa.certificatePem,
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
  });
  await secured(socket);
  const session = connect(`https://${host}`, { createConnection: () => socket });
  session.on('error', () => socket.destroy());
  return {
    session,
    ask: (request = {}) => ask(session, { host: `${host}:${house.port}`, ...request }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => (socket.destroyed ? resolve(undefined) : socket.once('close', resolve)));
      session.destroy();
      await closed;
    },
  };
}

function secured(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
}

function ask(session: ClientHttp2Session, request: Http2Request): Promise<Http2Answer> {
  const { host, method = 'GET', path = '/', headers = {}, body, trailers } = request;
  const stream = session.request(
    { ':method': method, ':path': path, ':authority': host, ...headers },
    { endStream: body === undefined && trailers === undefined, waitForTrailers: trailers !== undefined },
  );
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  if (body !== undefined || trailers !== undefined) stream.end(body);
  return new Promise((resolve, reject) => {
    let answer: Http2Answer = { status: 0, headers: {}, body: '', trailers: {} };
    stream.setEncoding('utf8');
    stream.on('response', (fields) => (answer = { ...answer, status: fields[':status'] ?? 0, headers: fields }));
    stream.on('data', (chunk: string) => (answer = { ...answer, body: answer.body + chunk }));
    stream.on('trailers', (fields) => (answer = { ...answer, trailers: fields }));
    stream.on('error', reject);
    stream.on('close', () => (stream.rstCode === 0 ? resolve(answer) : reject(new Error(`reset with ${stream.rstCode}`))));
  });
}
