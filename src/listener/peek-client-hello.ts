import type { Socket } from 'node:net';
import { createClientHelloReader } from './client-hello.ts';
import type { ListenerLimits } from './listener-limits.ts';

export type Peek =
  | { readonly kind: 'hello'; readonly serverName: string | undefined }
  | { readonly kind: 'plain-http'; readonly result: 'malformed'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly result: 'malformed' | 'timeout' | 'failed'; readonly reason: string };

/**
 * Reads the ClientHello off an accepted socket and puts every byte back. The deadline counts from this call and is not prolonged by
 * bytes that arrive. The socket is paused afterwards; on any other outcome than `hello` closing it is the caller's business.
 */
export function peekClientHello(socket: Socket, limits: ListenerLimits, onPeek: (peek: Peek) => void): void {
  const reader = createClientHelloReader(limits.helloBytes);
  const chunks: Buffer[] = [];
  const deadline = setTimeout(finish, limits.helloMs, { kind: 'unusable', result: 'timeout', reason: 'no complete ClientHello in time' });

  function finish(peek: Peek): void {
    clearTimeout(deadline);
    socket.off('data', take);
    socket.off('close', leave);
    socket.pause();
    if (peek.kind === 'hello') socket.unshift(Buffer.concat(chunks));
    onPeek(peek);
  }

  function take(chunk: Buffer): void {
    chunks.push(chunk);
    const reading = reader.push(chunk);
    if (reading.kind === 'hello') finish(reading);
    else if (reading.kind === 'plain-http') finish({ ...reading, result: 'malformed', reason: 'HTTP in the clear' });
    else if (reading.kind === 'malformed') finish({ kind: 'unusable', result: 'malformed', reason: reading.reason });
  }

  function leave(): void {
    finish({ kind: 'unusable', result: 'failed', reason: 'the client went away before its ClientHello' });
  }

  socket.on('data', take);
  socket.on('close', leave);
}
