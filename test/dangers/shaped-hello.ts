import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { SecureVersion } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { House } from '../walk/house.ts';
import { closed } from './closed.ts';
import type { RawOptions } from './raw-client.ts';

/** Gets the ClientHello, headers of its records included, and gives the pieces that are sent one after the other. */
export type Shape = (hello: Buffer) => readonly Buffer[];

export interface ShapedOptions extends RawOptions {
  readonly shape: Shape;
  readonly version: SecureVersion;
  /** Protocols that nobody speaks: they make the hello larger by so many bytes, about. */
  readonly padding?: number;
}

/** The text of the answer to one request over a connection whose ClientHello arrives in that shape; empty when it was closed instead. */
export async function askShaped({ port, pki }: House, request: string, options: ShapedOptions): Promise<string> {
  const { client, padding = 0, sni = 'public.postern.test', version, shape } = options;
  const raw = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(raw, 'connect');
  const protocols = Array.from({ length: Math.ceil(padding / 256) }, (_, index) => String(index).padEnd(255, '.'));
  const socket = connectTls({
    socket: new ShapedStream(raw, shape),
    servername: sni,
    ALPNProtocols: ['http/1.1', ...protocols],
    minVersion: version,
    maxVersion: version,
    ca: pki.serverCa.certificatePem,
    checkServerIdentity: () => undefined,
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
  });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => socket.destroy());
  socket.write(request, 'latin1');
  await closed(socket);
  raw.destroy();
  return text;
}

/** The first flight of a client, to be sent by hand. */
export function captureHello(sni: string, version: SecureVersion): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (chunk: Buffer) => resolve(chunk) });
    connectTls({ socket, servername: sni, minVersion: version, maxVersion: version, ALPNProtocols: ['http/1.1'] });
  });
}

/** Records of at most so many bytes (RFC 8446 section 5.1). */
export function inRecords(size: number): Shape {
  return (hello) => [writeRecords(messageOf(hello), size)];
}

export function writeRecords(message: Buffer, size: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.concat([Buffer.of(22, 3, 1, part.length >> 8, part.length & 0xff), part]));
  }
  return Buffer.concat(records);
}

/** Segments of so many bytes. */
export function inSegments(size: number): Shape {
  return (hello) => Array.from({ length: Math.ceil(hello.length / size) }, (_, index) => hello.subarray(index * size, (index + 1) * size));
}

/** Two segments, the first with so many bytes. */
export function cutAt(at: (hello: Buffer) => number): Shape {
  return (hello) => [hello.subarray(0, at(hello)), hello.subarray(at(hello))];
}

/** The handshake message without the records around it. */
function messageOf(hello: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= hello.length; at += 5 + hello.readUInt16BE(at + 3))
    parts.push(hello.subarray(at + 5, at + 5 + hello.readUInt16BE(at + 3)));
  return Buffer.concat(parts);
}

/** Between TLS and the network: holds the first message back until it is whole, then passes everything. */
class ShapedStream extends Duplex {
  readonly #raw: Socket;
  readonly #shape: Shape;
  #hello: Buffer | undefined = Buffer.alloc(0);

  constructor(raw: Socket, shape: Shape) {
    super({ allowHalfOpen: false });
    this.#raw = raw;
    this.#shape = shape;
    raw.on('data', (chunk) => void this.push(chunk));
    raw.on('error', () => this.destroy());
    raw.on('close', () => this.destroy());
  }

  override _read(): void {
    // Everything is pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#hello === undefined) return void this.#raw.write(chunk, done);
    this.#hello = Buffer.concat([this.#hello, chunk]);
    const message = messageOf(this.#hello);
    if (message.length < 4 || message.length < 4 + message.readUIntBE(1, 3)) return done();
    const pieces = this.#shape(this.#hello);
    this.#hello = undefined;
    void this.#send(pieces, done);
  }

  async #send(pieces: readonly Buffer[], done: () => void): Promise<void> {
    for (const piece of pieces) {
      this.#raw.write(piece);
      // A turn for the other end, which is in this process: each piece is read for itself.
      await setImmediate();
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }
}
