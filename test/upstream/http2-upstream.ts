import { once } from 'node:events';
import type {
  IncomingHttpHeaders,
  Http2SecureServer,
  Http2Server,
  SecureServerOptions,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import { createSecureServer, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Issued } from '../../src/certificate/issue-certificate.ts';

/** An upstream that speaks HTTP/2, in the words of Node's streams. */
export interface Http2Upstream extends AsyncDisposable {
  readonly url: URL;
  readonly sessions: readonly ServerHttp2Session[];
  readonly seen: readonly IncomingHttpHeaders[];
}

export type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, number: number, raw?: readonly string[]) => void;

export interface Http2UpstreamOptions extends SecureServerOptions {
  /** Without TLS where there is none. */
  readonly tls?: Issued;
  /** Answers those who come with HTTP/1.1 over TLS; without it they are not let in. */
  readonly onHttp1?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly port?: number;
}

/** The number of a stream counts over all sessions, from 1. */
export async function openHttp2Upstream(onStream: OnStream, options: Http2UpstreamOptions = {}): Promise<Http2Upstream> {
  const { tls, onHttp1, port = 0, ...rest } = options;
  const sessions: ServerHttp2Session[] = [];
  const seen: IncomingHttpHeaders[] = [];
  const server: Http2SecureServer | Http2Server =
    tls === undefined
      ? createServer(rest)
      : createSecureServer({ ...rest, cert: tls.certificatePem, key: tls.keyPem, allowHTTP1: onHttp1 !== undefined });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => {
    stream.on('error', () => undefined);
    onStream(stream, headers, seen.push(headers), raw);
  });
  if (onHttp1 !== undefined)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.httpVersion === '1.1') onHttp1(request, response);
    });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: new URL(`${tls === undefined ? 'h2c' : 'https'}://127.0.0.1:${address.port}`),
    sessions,
    seen,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) (server as unknown as { closeAllConnections(): void }).closeAllConnections();
      await closed;
    },
  };
}

/** As a plain object. */
export function fieldsOf(headers: IncomingHttpHeaders | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers ?? {}));
}
