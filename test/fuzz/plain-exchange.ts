import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface PlainExchange {
  /** Everything that came back. */
  readonly received: Buffer;
  /** The other end closed the connection. */
  readonly isOver: boolean;
}

export interface ExchangeOptions {
  readonly port: number;
  readonly chunks: readonly Buffer[];
  /** Asked with what came so far: whether nothing more is to be expected. */
  readonly isDone: (received: Buffer) => boolean;
  /** How long to listen, where `isDone` never says yes. */
  readonly withinMs: number;
}

/** Writes bytes over a connection of their own, without TLS, and listens until it is over. */
export async function exchangePlainly({ port, chunks, isDone, withinMs }: ExchangeOptions): Promise<PlainExchange> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let received: Buffer = Buffer.alloc(0);
  let isOver = false;
  const deadline = setTimeout(resolve, withinMs);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (isDone(received)) resolve();
  });
  // A reset is an end like any other here: what was read before it counts.
  socket.on('error', () => resolve());
  socket.on('close', () => {
    isOver = true;
    resolve();
  });
  for (const chunk of chunks) {
    if (socket.destroyed) break;
    socket.write(chunk);
    if (chunks.length < 20) await wait(0);
  }
  await settled;
  clearTimeout(deadline);
  socket.destroy();
  return { received, isOver };
}
