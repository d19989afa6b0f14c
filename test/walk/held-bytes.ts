import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** What a proxy in this process has between its two sides: taken from one, and not handed to the kernel for the other. */
export interface HeldBytes extends Disposable {
  /** Bytes on their way to the upstream; what TLS and HTTP put around a body counts, so zero is not to be expected. */
  upwards(): number;
  /** Bytes on their way to the visitor, likewise. */
  downwards(): number;
}

/**
 * Counts on the proxy's own sockets, from now on: those accepted at `port`, and those opened to `upstreamUrl`. What a sender could
 * get rid of would say less: the kernel's buffers grow by tens of megabytes of their own accord when the machine is busy.
 */
export function watchHeldBytes(port: number, upstreamUrl: string): HeldBytes {
  const upstreamPort = Number(new URL(upstreamUrl).port);
  const visitors: Socket[] = [];
  const upstreams: Socket[] = [];
  // Ports are asked for at once: a socket forgets its own when it is closed.
  const accepted = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === port) visitors.push(socket);
  };
  const opened = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => socket.remotePort === upstreamPort && upstreams.push(socket));
  };
  subscribe('net.server.socket', accepted);
  subscribe('net.client.socket', opened);
  return {
    upwards: () => read(visitors) - written(upstreams),
    downwards: () => read(upstreams) - written(visitors),
    [Symbol.dispose]() {
      unsubscribe('net.server.socket', accepted);
      unsubscribe('net.client.socket', opened);
    },
  };
}

function read(sockets: readonly Socket[]): number {
  return sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
}

/** `bytesWritten` counts what still waits in the stream too. */
function written(sockets: readonly Socket[]): number {
  return sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
}
