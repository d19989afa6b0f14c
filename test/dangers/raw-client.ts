import type { SecureVersion, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import type { House } from '../walk/house.ts';

export interface RawOptions {
  /** Empty: none is sent. */
  readonly sni?: string;
  readonly client?: Pick<Issued, 'certificatePem' | 'keyPem'> | undefined;
  readonly alpn?: readonly string[];
  /** The only one that is offered; otherwise the two sides choose. */
  readonly version?: SecureVersion;
}

/** An HTTP/1.1 answer as it came: what is not asserted of it stays in `head`. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, without the empty line. */
  readonly head: string;
  readonly body: string;
}

/** A TLS connection to which a test writes whatever bytes it likes. */
export interface RawConnection extends Disposable {
  readonly socket: TLSSocket;
  write(bytes: string): void;
  /** The next answer that is no 1xx other than 101, body included; undefined when the connection ends before one is whole. */
  answer(): Promise<RawAnswer | undefined>;
  /** Everything that came after the answers read so far, once the connection has ended. */
  rest(): Promise<string>;
}

type Where = Pick<House, 'port' | 'pki'>;

export async function connectRaw(house: Where, options: RawOptions = {}): Promise<RawConnection> {
  const socket = await connectTls(house, options);
  let pending = '';
  let ended = false;
  let wake: (() => void) | undefined;
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    wake?.();
  });
  socket.on('close', () => {
    ended = true;
    wake?.();
  });
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve));

  return {
    socket,
    write: (bytes) => void socket.write(bytes, 'latin1'),
    async answer() {
      for (;;) {
        const found = readAnswer(pending, ended);
        if (found !== undefined) {
          const { length, ...answer } = found;
          pending = pending.slice(length);
          if (answer.status >= 200 || answer.status === 101) return answer;
        } else if (ended) return undefined;
        else await change();
      }
    },
    async rest() {
      await over;
      return pending;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** The socket after its handshake; rejects when there is none. An error of a later time only ends it. */
export function connectTls(
  { port, pki }: Where,
  { sni = 'public.postern.test', client, alpn = ['http/1.1'], version }: RawOptions = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: sni,
      ALPNProtocols: [...alpn],
      ca: pki.serverCa.certificatePem,
      checkServerIdentity: () => undefined,
      minVersion: version,
      maxVersion: version,
      ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Writes bytes over a connection of their own and gives the first answer; undefined when the connection was closed without one. */
export async function askRaw(house: Where, bytes: string, options: RawOptions = {}): Promise<RawAnswer | undefined> {
  using connection = await connectRaw(house, options);
  connection.write(bytes);
  // Awaited here: at the end of this function the connection is closed.
  return await connection.answer();
}

/** The text of a request: its lines, an empty one, and a body. */
export function requestText(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function readAnswer(text: string, ended: boolean): (RawAnswer & { readonly length: number }) | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const rest = text.slice(end + 4);
  const body = status < 200 || status === 204 || status === 304 ? { text: '', length: 0 } : readBody(head, rest, ended);
  return body === undefined ? undefined : { status, head, body: body.text, length: end + 4 + body.length };
}

function readBody(head: string, rest: string, ended: boolean): { readonly text: string; readonly length: number } | undefined {
  if (/^transfer-encoding: chunked/im.test(head)) return readChunks(rest);
  const announced = /^content-length: (\d+)/im.exec(head)?.[1];
  const length = announced === undefined ? rest.length : Number(announced);
  // The answer to a HEAD has a length and no body; such a request has to ask for the end of its connection.
  if (ended && rest === '') return { text: '', length: 0 };
  if (announced === undefined ? !ended : rest.length < length) return undefined;
  return { text: rest.slice(0, length), length };
}

function readChunks(rest: string): { readonly text: string; readonly length: number } | undefined {
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return undefined;
    text += rest.slice(start, start + size);
    at = start + size + 2;
    if (size === 0) return { text, length: at };
  }
}
