import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** An upstream that speaks bytes: it records exactly what arrives, and answers exactly what a test tells it to. */
export interface RawUpstream extends AsyncDisposable {
  readonly url: URL;
  /** Everything received, one text per connection, in latin1. */
  readonly received: readonly string[];
  readonly sockets: readonly Socket[];
  /** Resolves when the other side has let go of every connection made so far. */
  left(): Promise<void>;
  /** Resolves when a connection matches; the text is everything received on it. */
  until(matches: (text: string) => boolean): Promise<string>;
}

/** `onRequest` is called at the end of each head; its number counts over all connections, from 1. */
export async function openRawUpstream(onRequest: (socket: Socket, head: string, number: number) => void): Promise<RawUpstream> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const waiting = new Set<() => void>();
  const goodbyes: Promise<void>[] = [];
  let requests = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = sockets.push(socket) - 1;
    received.push('');
    let read = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    goodbyes.push(promise);
    for (const event of ['end', 'error', 'close']) socket.on(event, () => resolve());
    socket.on('data', (chunk: Buffer) => {
      const text = (received[connection] ?? '') + chunk.toString('latin1');
      received[connection] = text;
      for (let end = text.indexOf('\r\n\r\n', read); end !== -1; end = text.indexOf('\r\n\r\n', read)) {
        const head = text.slice(read, end + 4);
        read = end + 4;
        // A body may hold empty lines; only what begins like a request counts as one.
        if (/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(head)) onRequest(socket, head, (requests += 1));
      }
      for (const check of waiting) check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    received,
    sockets,
    async left() {
      await Promise.all(goodbyes);
    },
    until: (matches) =>
      new Promise((resolve) => {
        const check = (): void => {
          const text = received.find(matches);
          if (text === undefined) return;
          waiting.delete(check);
          resolve(text);
        };
        waiting.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export const emptyAnswer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** The field lines of a head, lower-cased names, in order. */
export function fieldLines(head: string): readonly (readonly [name: string, value: string])[] {
  const [, ...lines] = (head.split('\r\n\r\n', 1)[0] ?? '').split('\r\n');
  return lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
}

export function valuesOf(head: string, name: string): readonly string[] {
  return fieldLines(head).flatMap(([lower, value]) => (lower === name ? [value] : []));
}
