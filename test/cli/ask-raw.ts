import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { AskOptions, House } from '../walk/house.ts';

export interface RawRequest {
  /** The lines of the head, written as they stand, in UTF-8. */
  readonly head: readonly string[];
  /** Empty: none is sent. Undefined: no TLS at all. */
  readonly sni: string | undefined;
  readonly client: AskOptions['client'];
}

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; values of one name joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request written by hand, so that no client library makes it better than it is. A switched protocol is left at once. */
export function askRaw(house: Pick<House, 'port' | 'pki'>, { head, sni, client }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = sni === undefined ? connectPlain(house.port, '127.0.0.1') : connectTls(house, sni, client);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (isWhole(answer, head[0]?.startsWith('HEAD ') === true)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(readAnswer(answer)));
    socket.write(`${head.join('\r\n')}\r\n\r\n`, 'utf8');
  });
}

/** Not every answer ends its connection; a switched protocol has no end. */
function isWhole(answer: string, isHead: boolean): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /^content-length: (\d+)/im.exec(answer.slice(0, end))?.[1];
  if (isHead || answer.startsWith('HTTP/1.1 101 ')) return true;
  return length !== undefined && answer.length >= end + 4 + Number(length);
}

function connectTls({ port, pki }: Pick<House, 'port' | 'pki'>, sni: string, client: AskOptions['client']): Socket {
  return connect({
    host: '127.0.0.1',
    port,
    ca: pki.serverCa.certificatePem,
    // Without a name the certificate is one that nobody trusts; what is asked of it is not its worth.
    rejectUnauthorized: false,
    ...(sni === '' ? {} : { servername: sni }),
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
  });
}

function readAnswer(answer: string): RawAnswer {
  const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s);
  const [first = '', ...lines] = head.split('\r\n');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString('utf8');
    fields.set(name, [...(fields.has(name) ? [fields.get(name)] : []), value].join(', '));
  }
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), headers: Object.fromEntries(fields), body };
}
