import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import type { House } from '../walk/house.ts';
import type { RawOptions } from './raw-client.ts';
import { connectTls } from './raw-client.ts';

/** Names and values in the order of the wire, pseudo-header fields first. */
export type Fields = readonly (readonly [string, string])[];

export interface Http2Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

type Where = Pick<House, 'port' | 'pki'>;

/** A session of Node's own client, which allows nearly every field. */
export async function connectTwo(house: Where, options: RawOptions = {}): Promise<ClientHttp2Session> {
  const socket = await connectTls(house, { ...options, alpn: ['h2'] });
  const session = connectHttp2('https://postern.test', { createConnection: () => socket });
  session.on('error', () => session.destroy());
  return session;
}

/** One stream; `status` is undefined when it was reset before an answer. A name may be sent several times. */
export async function askTwo(session: ClientHttp2Session, fields: Fields, body?: string): Promise<Http2Answer> {
  const stream = session.request([...fields].flat(), { endStream: body === undefined });
  const answer = { status: undefined as number | undefined, headers: {}, body: '' };
  stream.on('response', (headers) => {
    answer.status = Number(headers[':status']);
    answer.headers = headers;
  });
  stream.setEncoding('latin1').on('data', (chunk: string) => (answer.body += chunk));
  stream.on('error', () => stream.destroy());
  if (body !== undefined) stream.end(body, 'latin1');
  await once(stream, 'close');
  return answer;
}

/**
 * Sends a header block byte for byte, which no client library would: upper case, line breaks, fields of HTTP/1.1. Gives the status of stream 1,
 * or what else was the end of it.
 */
export async function askForged(
  house: Where,
  fields: Fields,
  options: RawOptions & { readonly body?: string } = {},
): Promise<number | 'reset' | 'closed'> {
  const socket = await connectTls(house, { ...options, alpn: ['h2'] });
  const { body } = options;
  const headers = frame(1, body === undefined ? 0x5 : 0x4, 1, Buffer.concat(fields.map(([name, value]) => literal(name, value))));
  const data = body === undefined ? Buffer.alloc(0) : frame(0, 0x1, 1, Buffer.from(body, 'latin1'));
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0)), headers, data]));
  let pending = Buffer.alloc(0);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
        const [type, stream, payload] = [pending[3], pending.readUInt32BE(5), pending.subarray(9, 9 + pending.readUIntBE(0, 3))];
        pending = pending.subarray(9 + payload.length);
        if (type === 1 && stream === 1) return readStatus(payload);
        if (type === 3 && stream === 1) return 'reset';
      }
    }
  } catch {
    // Cut off instead of ended: the same to whoever asked.
  } finally {
    socket.destroy();
  }
  return 'closed';
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 7541 section 6.2.2, new name, no Huffman code. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const rest = bytes.length - 127;
  return Buffer.concat([Buffer.of(127, (rest % 128) + 128, Math.floor(rest / 128)), bytes]);
}

/** `:status` stands first: as an entry of the static table, or as a literal whose three digits are plain or in Huffman code. */
function readStatus(block: Buffer): number {
  const known = [200, 204, 206, 304, 400, 404, 500][(block[0] ?? 0) - 0x88];
  if (known !== undefined) return known;
  const length = block[1] ?? 0;
  const value = block.subarray(2, 2 + (length & 0x7f));
  if (length < 128) return Number(value.toString('latin1'));
  const bits = [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  for (let at = 0; digits.length < 3;) {
    const short = Number.parseInt(bits.slice(at, at + 5), 2);
    // The digits 0 to 2 have five bits, the others six.
    digits += short <= 2 ? short : Number.parseInt(bits.slice(at, at + 6), 2) - 22;
    at += short <= 2 ? 5 : 6;
  }
  return Number(digits);
}
