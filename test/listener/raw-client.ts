import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';

/** A TLS connection to the loopback that trusts everybody; HTTP/1.1 unless other protocols are named. */
export async function connectTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    servername: 'plain.test',
    ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything the other side sends until it ends; a reset counts as an end. */
export async function readToEnd(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => resolve());
  socket.on('close', () => resolve());
  await promise;
  return text;
}

/** Reads until the text so far satisfies `enough`. */
export async function readUntil(socket: TLSSocket, enough: RegExp): Promise<string> {
  let text = '';
  while (!enough.test(text)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
  }
  return text;
}

/** Sends bytes over a connection of their own and returns all that is answered. */
export async function exchangeRaw(port: number, request: string, options: ConnectionOptions = {}): Promise<string> {
  const socket = await connectTls(port, options);
  socket.write(request, 'latin1');
  return readToEnd(socket);
}
