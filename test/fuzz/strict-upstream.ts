import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { StrictMessage } from './strict-http.ts';
import { readRequests } from './strict-http.ts';

/** An upstream that reads by the letter, keeps what it got, and answers each request with the target that it saw. */
export interface StrictUpstream extends AsyncDisposable {
  readonly url: string;
  /** The requests since the last call, in the order in which they were whole. */
  take(): readonly StrictMessage[];
  /** What of all that ever came was no request, connection by connection. */
  readonly faults: readonly string[];
}

export async function openStrictUpstream(): Promise<StrictUpstream> {
  const faults: string[] = [];
  let arrived: StrictMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      const { messages, rest } = readRequests(pending);
      if (rest !== 'nothing' && rest !== 'part') faults.push(`${rest}: ${JSON.stringify(pending.toString('latin1').slice(0, 400))}`);
      // A request that is still on its way is waited for: it is alone on its connection.
      if (rest !== 'nothing') return;
      pending = Buffer.alloc(0);
      arrived.push(...messages);
      for (const { start } of messages) socket.write(answerTo(start[0], start[1]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    faults,
    take() {
      const taken = arrived;
      arrived = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(method: string, target: string): string {
  const body = `got ${target}`;
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${method === 'HEAD' ? '' : body}`;
}
