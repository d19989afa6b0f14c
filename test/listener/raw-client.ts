import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
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

/** A TCP connection to the loopback, without TLS. */
export async function connectPlain(port: number, host: string = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** A TLS connection over a socket that has been written to already. */
export async function startTls(socket: Socket, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const secure = connect({ socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], servername: 'plain.test', ...options });
  await once(secure, 'secureConnect');
  return secure;
}

/** Everything the other side sends until it ends; a reset counts as an end. */
export async function readToEnd(socket: Socket): Promise<string> {
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
export async function readUntil(socket: Socket, enough: RegExp): Promise<string> {
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

/** The same without TLS. */
export async function exchangePlain(port: number, request: string | Buffer): Promise<string> {
  const socket = await connectPlain(port);
  socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
  return readToEnd(socket);
}

/** Writes one byte after the other, each in a segment of its own as far as TCP allows. */
export async function writeBytewise(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    socket.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
}
