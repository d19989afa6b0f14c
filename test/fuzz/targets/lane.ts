import assert from 'node:assert/strict';
import type { IncomingMessage, Server } from 'node:http';
import { Duplex } from 'node:stream';
import { openHttp1Parser } from '../../../src/listener/http1-parser.ts';
import { defaultLimits } from '../../../src/listener/listener-limits.ts';
import type { SimpleHead } from '../../../src/listener/simple-head.ts';
import { SimpleHeadReader } from '../../../src/listener/simple-head.ts';
import { splitHttp1Headers } from '../../../src/listener/wire-parts.ts';
import type { FuzzTarget, OpenTarget } from '../fuzz-target.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { madeRequests, requestWords } from '../request-bytes.ts';
import { readRequests } from '../strict-http.ts';

/**
 * Bytes that the lane of simple requests takes: Node's parser reads exactly one request out of them, the same one, without a body and with
 * nothing left over, and so does a reader by the letter of the RFC. What the lane does not take is that parser's, so nothing is to be shown.
 */
export const lane: FuzzTarget = {
  name: 'lane',
  briefly: 3_000,
  meets: ['left to the parser', 'simple', 'simple and the last', 'simple, as the one before'],
  open: openTarget,
};

function openTarget(): Promise<OpenTarget> {
  const node = new NodeReader();
  // One for all inputs, as on a connection: what it remembers of one must not become part of another.
  const reader = new SimpleHeadReader(defaultLimits);
  let last: SimpleHead | undefined;
  return Promise.resolve({
    seeds: [],
    make: (random, known) =>
      random.oneIn(2) ? made(random) : mutateBytes(random, random.pick(known), { others: known, words: requestWords }),
    async check(input) {
      const head = reader.read(input);
      assert.deepEqual(head, new SimpleHeadReader(defaultLimits).read(input), 'it depends on what was read before');
      if (head === undefined) return 'left to the parser';
      assert.deepEqual(reader.read(input), head, 'the same bytes are read in two ways');
      checkStrict(input, head);
      assert.deepEqual(await node.read(input, head.fields.closes), seenBy(head), 'Node reads something else');
      const isKnown = last?.fields.headers === head.fields.headers;
      last = head;
      return head.fields.closes ? 'simple and the last' : isKnown ? 'simple, as the one before' : 'simple';
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  });
}

function made(random: Random): Buffer {
  if (random.oneIn(2)) return madeRequests(random);
  const fields = random.times(1 + random.below(6), () => random.pick(fieldLines)).join('');
  return Buffer.from(`${random.pick(startLines)}\r\n${fields}\r\n`, 'latin1');
}

const startLines = [
  'GET / HTTP/1.1',
  'GET /a?b=c HTTP/1.1',
  'HEAD /a HTTP/1.1',
  'OPTIONS /"<>\\^`{|}~ HTTP/1.1',
  'DELETE /a;b HTTP/1.1',
  'GET /?? HTTP/1.1',
];
const fieldLines = [
  'Host: app.test\r\n', 'host:app.test\r\n', 'Cookie: a=b\r\n', 'COOKIE:\t a=b \t\r\n', 'Authorization: Bearer x\r\n', 'X-Empty:\r\n', 'X-Empty: \t \r\n', 'X-A: caf\xe9\r\n', 'X-A: a\tb\r\n',
  'Connection: keep-alive\r\n', 'Connection: Keep-Alive\r\n', 'Connection: close\r\n', 'Connection: keep-alive, x-a\r\n', 'Content_Length: 5\r\n', 'Keep-Alive: 5\r\n', 'X-A: b: c\r\n', "!#$%&'*+-.^_`|~: x\r\n",
  'Te: trailers\r\n', 'Transfer-Encodin: chunked\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 0\r\n', 'Upgrade: h2c\r\n', 'Expect: 100-continue\r\n', 'Proxy-Connection: close\r\n', 'Trailer: a\r\n',
]; // prettier-ignore

interface Seen {
  readonly method: string;
  readonly rawTarget: string;
  readonly rawAuthority: string | undefined;
  readonly authorityCount: number;
  readonly headers: readonly string[];
}

function seenBy({ method, rawTarget, fields: { rawAuthority, authorityCount, headers } }: SimpleHead): readonly Seen[] {
  return [{ method, rawTarget, rawAuthority, authorityCount, headers }];
}

function checkStrict(input: Buffer, { method, rawTarget, fields }: SimpleHead): void {
  const { messages, rest } = readRequests(input);
  const [message] = messages;
  assert.deepEqual([messages.length, rest], [1, 'nothing'], 'by the letter it is not one request');
  assert.deepEqual(message?.start, [method, rawTarget, 'HTTP/1.1']);
  assert.equal(message.body.length, 0);
  assert.equal(message.fields.length, fields.headers.length / 2 + fields.authorityCount);
}

/** Node's parser, as strict as the front has it. */
class NodeReader implements AsyncDisposable {
  readonly #server: Server;
  #seen: (Seen | string)[] = [];

  constructor() {
    this.#server = openHttp1Parser(defaultLimits, () => true);
    this.#server.on('request', (request) => this.#seen.push(seenIn(request)));
    for (const event of ['checkContinue', 'checkExpectation', 'upgrade', 'connect'])
      this.#server.on(event, () => this.#seen.push(`the event ${event}`));
    this.#server.on('clientError', (error: Error) => this.#seen.push(error.message));
  }

  /** What it sees in the bytes, with another request behind them that shows whether something was left over. */
  async read(input: Buffer, closes: boolean): Promise<readonly (Seen | string)[]> {
    this.#seen = [];
    const socket = new Bytes();
    this.#server.emit('connection', socket);
    socket.push(input);
    if (!closes) socket.push(sentinel);
    await new Promise(setImmediate);
    socket.destroy();
    const seen = this.#seen;
    if (!closes) assert.deepEqual(seen.pop(), sentinelSeen, 'what follows is read as something else');
    return seen;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function seenIn(request: IncomingMessage): Seen | string {
  const { method = '', url: rawTarget = '', httpVersion, rawHeaders } = request;
  if (httpVersion !== '1.1') return `the version ${httpVersion}`;
  return { method, rawTarget, ...splitHttp1Headers(rawHeaders) };
}

const sentinel = Buffer.from('GET /sentinel HTTP/1.1\r\nX: y\r\n\r\n');
const sentinelSeen: Seen = { method: 'GET', rawTarget: '/sentinel', rawAuthority: undefined, authorityCount: 0, headers: ['X', 'y'] };

class Bytes extends Duplex {
  override _read(): void {
    // Everything is pushed by the test.
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}
