import type { Duplex } from 'node:stream';

/** The end of a connection, a reset included: waiting for the event with `once` would reject then. */
export function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy());
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
