import type { Socket } from 'node:net';
import type { ClientHelloReading } from './client-hello.ts';
import { createClientHelloReader } from './client-hello.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { Start } from './peek-start.ts';
import { peekStart } from './peek-start.ts';
import type { PeerAddress } from './peer-address.ts';

export interface PeekOptions {
  readonly limits: ListenerLimits;
  readonly proxyProtocol: boolean;
  readonly onSource: (source: PeerAddress) => boolean;
}

/** Reads the ClientHello off an accepted socket and puts every byte back. */
export function peekClientHello(
  socket: Socket,
  { limits, proxyProtocol, onSource }: PeekOptions,
  onStart: (start: Start<Exclude<ClientHelloReading, { kind: 'incomplete' }>>) => void,
): void {
  const reader = createClientHelloReader(limits.helloBytes);
  const read = (chunk: Buffer): Exclude<ClientHelloReading, { kind: 'incomplete' }> | undefined => {
    const reading = reader.push(chunk);
    return reading.kind === 'incomplete' ? undefined : reading;
  };
  const { helloMs } = limits;
  peekStart(socket, { withinMs: helloMs, headerMs: helloMs, proxyProtocol, awaited: 'ClientHello', read, onSource }, onStart);
}
