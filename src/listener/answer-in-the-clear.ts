import type { Socket } from 'node:net';

/** One sentence to a client that speaks another protocol than this port, and then the end of the connection. */
export function answerInTheClear(socket: Socket, sentence: string): void {
  const text = `${sentence}\n`;
  socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`);
  // What the client is still sending is read for a moment: closing at once would reset the connection and lose the answer.
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), 1_000);
  socket.once('close', () => clearTimeout(cut));
}
