import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';

/** What an upstream got of one request, as `explain` writes it. */
export interface Got {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An upstream that keeps what it got by the header `X-Case`, so that requests may be asked beside each other; it switches to every protocol. */
export interface KeepingUpstream extends AsyncDisposable {
  readonly url: string;
  take(name: string): Got | undefined;
}

/** With a `path` it listens there, as a unix socket. */
export async function openKeepingUpstream(where: Pick<ListenOptions, 'path'> = {}): Promise<KeepingUpstream> {
  const kept = new Map<string, Got>();
  const keep = ({ url: target = '', rawHeaders, headers }: IncomingMessage): void => {
    kept.set(String(headers['x-case']), { target, headers: fieldsOf(rawHeaders) });
  };
  const server = createServer((request, response) => {
    keep(request);
    response.end('ok');
  });
  server.on('upgrade', (request, socket) => {
    keep(request);
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n${accept(request)}\r\n`);
  });
  await new Promise<void>((resolve) => {
    if (where.path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(where.path, resolve);
  });
  return {
    url: where.path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${where.path}`,
    take(name) {
      const got = kept.get(name);
      kept.delete(name);
      return got;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// Of one connection only, or made by the client library of the proxy; `explain` has no connection.
const ofConnection: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'content-length', 'transfer-encoding']);

function fieldsOf(rawHeaders: readonly string[]): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (ofConnection.has(name)) continue;
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    fields.set(name, fields.has(name) ? `${fields.get(name)}, ${value}` : value);
  }
  return Object.fromEntries(fields);
}

function accept({ headers }: IncomingMessage): string {
  const key = headers['sec-websocket-key'];
  if (key === undefined) return '';
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `Sec-WebSocket-Accept: ${hash}\r\n`;
}
