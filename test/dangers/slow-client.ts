import type { Duplex } from 'node:stream';

/**
 * Writes a text without end, a byte every 10 ms, until the other side closes; tells how many went out. Nothing to write is
 * silence. A limit that is prolonged by every byte shows as a test that does not end.
 */
export function trickle(socket: Duplex, text: string | Buffer): Promise<number> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(text);
    let sent = 0;
    const timer = setInterval(() => {
      if (socket.writable && bytes.length > 0) socket.write(bytes.subarray(sent % bytes.length, (sent % bytes.length) + 1));
      sent += 1;
    }, 10);
    socket.on('error', () => socket.destroy());
    socket.resume();
    socket.once('close', () => {
      clearInterval(timer);
      resolve(sent);
    });
  });
}
