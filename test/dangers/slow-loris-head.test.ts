import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { connect as connectOver } from 'node:tls';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { connectTls, requestText } from './raw-client.ts';
import { frame, literal } from './raw-http2.ts';
import { trickle } from './slow-client.ts';

const timely = { timeout: 10_000 };

/** What comes at once, and what comes after it a byte at a time and without end; nothing: silence. */
type Vector = readonly [what: string, sends: string | Buffer, goesOn: string | Buffer];

const host = 'Host: public.postern.test';
const whole = requestText(['GET /whole HTTP/1.1', host]);

// oxfmt-ignore
const one: readonly Vector[] = [
  ['sends nothing at all',                              '',                                         ''],
  ['stops within the request line',                     'GET / HT',                                 ''],
  ['stops before the last empty line',                  requestText(['GET / HTTP/1.1', host]).slice(0, -2), ''],
  ['sends its target byte by byte',                     'GET /',                                    'a'],
  ['sends its fields byte by byte',                     `GET / HTTP/1.1\r\n${host}\r\n`,            'X: y\r\n'],
  ['sends one field byte by byte',                      `GET / HTTP/1.1\r\n${host}\r\nX: `,         'y'],
  ['sends empty lines',                                 '',                                         '\r\n'],
  ['sends its second request byte by byte',             whole,                                      `GET / HTTP/1.1\r\n${host}\r\nX: ${'y'.repeat(9_000)}`],
  ['sends empty lines after its first request',         whole,                                      '\r\n'],
];

const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);
const fields = Buffer.concat(
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/whole'],
    [':authority', 'public.postern.test'],
  ].map(([name = '', value = '']) => literal(name, value)),
);
const first = Buffer.concat([preface, frame(1, 0x5, 1, fields)]);
const largeHead = (stream: number): Buffer => frame(1, 0, stream, Buffer.concat([fields, literal('x', 'y'.repeat(9_000))]));
const ping = frame(6, 0, 0, Buffer.alloc(8));

// oxfmt-ignore
const two: readonly Vector[] = [
  ['sends nothing at all',                              '',                                         ''],
  ['stops within the preface',                          preface.subarray(0, 10),                    ''],
  ['sends the preface and no request',                  preface,                                    ''],
  ['sends the preface and then pings',                  preface,                                    ping],
  ['stops within its header section',                   Buffer.concat([preface, frame(1, 0x1, 1, fields)]), ''],
  ['sends its header section byte by byte',             preface,                                    largeHead(1)],
  ['sends its second header section byte by byte',      first,                                      largeHead(3)],
  ['sends pings after its first request',               first,                                      ping],
  ['widens its window after its first request',         first,                                      frame(8, 0, 0, Buffer.of(0, 0, 0, 1))],
  ['sends empty settings after its first request',      first,                                      frame(4, 0, 0, Buffer.alloc(0))],
];

describe('a client that does not finish its header section', () => {
  let street: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({ limits: { headMs: 700, keepAliveMs: 800, checkEveryMs: 50, lingerMs: 100 } });
  });

  after(() => street[Symbol.asyncDispose]());

  /** All that came back until the end. */
  async function endOf([, sends, goesOn]: Vector, alpn: string): Promise<string> {
    const socket = await connectTls(street.house, { alpn: [alpn] });
    let answers = '';
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1')));
    socket.write(sends);
    await trickle(socket, goesOn);
    return answers;
  }

  // Side by side: each waits for the same limits.
  describe('is answered 408 or cut off (HTTP/1.1) when it', { concurrency: true }, () => {
    for (const vector of one) {
      const [what, sends] = vector;
      it(what, timely, async () => {
        const answers = await endOf(vector, 'http/1.1');
        assert.match(
          answers,
          sends === whole ? /^HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\nok(HTTP\/1\.1 408 [^]*)?$/ : /^(HTTP\/1\.1 408 [^]*)?$/,
        );
      });
    }
  });

  describe('is cut off (HTTP/2) when it', { concurrency: true }, () => {
    for (const vector of two) it(vector[0], timely, async () => void (await endOf(vector, 'h2')));
  });

  it('has none of it forwarded but what was whole', () => {
    const targets = [...street.upstream.bytes().matchAll(/^\S+ (\S+) HTTP/gm)].map((found) => found[1]);
    const wholes = [...one, ...two].filter(([, sends]) => sends === whole || sends === first);
    assert.deepEqual(
      targets,
      wholes.map(() => '/whole'),
    );
  });

  it('is cut off as well when it spreads one TLS record over the time', timely, async () => {
    street.upstream.clear();
    const raw = connect({ host: '127.0.0.1', port: street.house.port, noDelay: true });
    await once(raw, 'connect');
    const held = new HoldingBack(raw);
    const socket = connectOver({ socket: held, servername: 'public.postern.test', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    socket.on('error', () => socket.destroy());
    await once(socket, 'secureConnect');
    const record = held.nextWrite();
    socket.write(requestText(['GET / HTTP/1.1', host, `X: ${'y'.repeat(9_000)}`]));
    await trickle(raw, await record);
    assert.equal(street.upstream.bytes(), '');
  });

  it('is in the log, with what it kept waiting', timely, async () => {
    const line = await street.house.logLine(({ status, msg }) => status === 408 && msg === 'A request could not be read');
    assert.deepEqual([line['sni'], line['reason']], ['public.postern.test', 'ERR_HTTP_REQUEST_TIMEOUT']);
  });
});

/** Passes everything on, and the next write to the test instead when asked for it. */
class HoldingBack extends Duplex {
  readonly #raw: Socket;
  #keep: ((record: Buffer) => void) | undefined;

  constructor(raw: Socket) {
    super();
    this.#raw = raw;
    raw.on('data', (chunk) => void this.push(chunk));
    raw.once('close', () => this.destroy());
  }

  nextWrite(): Promise<Buffer> {
    return new Promise((resolve) => (this.#keep = resolve));
  }

  override _read(): void {
    // Everything is pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#keep === undefined) return void this.#raw.write(chunk, done);
    this.#keep(chunk);
    done();
  }
}
