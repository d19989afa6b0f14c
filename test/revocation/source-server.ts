import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server on loopback in the place of a responder or a distribution point. */
export interface SourceServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  /** Settles when as many requests as that came in all. */
  reached(count: number): Promise<void>;
}

export type Answer = Buffer | ((request: IncomingMessage, response: ServerResponse) => void);

/** Answers each request with what `answer` gives for it: bytes with status 200, or whatever it writes itself. */
export async function openSourceServer(answer: (seen: Seen) => Answer | Promise<Answer>): Promise<SourceServer> {
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
    seen.push(one);
    for (const check of waiting) check();
    const answered = await answer(one);
    if (Buffer.isBuffer(answered)) response.end(answered);
    else answered(request, response);
  }
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    reached: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (seen.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
