import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connectTls } from '../dangers/raw-client.ts';
import { frame, literal } from '../dangers/raw-http2.ts';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import type { Http2Client } from './http2-client.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';

const timely = { timeout: 30_000 };
const host = 'app.postern.test';

/** Nobody may tighten a limit so far that it cuts one of these: each is what a usual client does, at its liveliest, under the usual limits. */
describe('an honest client of HTTP/2', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let client: Http2Client;

  before(async () => {
    upstream = await openUpstream(answer);
    house = await openHouse({
      config: `routes: [{from: https://${host}, to: '${upstream.url}', allow_public_unauthenticated_access: true, timeout: 0s}]`,
    });
    client = await openHttp2(house, host);
  });

  after(async () => {
    // What is counted wrongly is noticed with the next look.
    await wait(600);
    assert.deepEqual(house.log.filter(isCut), []);
    assert.equal(client.session.closed, false);
    await client[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  function post(path: string, session: ClientHttp2Session = client.session): ClientHttp2Stream {
    return session.request({ ':method': 'POST', ':path': path, ':authority': host }, { endStream: false });
  }

  it('may upload several files at once to an application that is slow to take them', timely, async () => {
    // More than the system holds for an application that reads nothing.
    const received = await Promise.all(Array.from({ length: 6 }, () => upload(post('/late'), 192)));
    assert.deepEqual(received, Array(6).fill(String(192 * piece.length)));
  });

  it('may have as many streams as it is told, and begin the next with the end of each', timely, async () => {
    const work = Array.from({ length: 3_000 }, (_, index) => `/${index}`);
    const worker = async (): Promise<void> => {
      for (let path = work.pop(); path !== undefined; path = work.pop()) assert.equal((await client.ask({ path })).status, 200);
    };
    await Promise.all(Array.from({ length: 100 }, worker));
  });

  it('may exchange messages of one byte, each with a window of its own given back', timely, async () => {
    assert.equal(await takeBytewise(house, 5_000), 5_000);
    const stream = post('/echo');
    let echoed = 0;
    stream.on('data', (chunk: Buffer) => (echoed += chunk.length));
    for (let message = 0; message < 20_000; message += 1) {
      stream.write('x');
      if (message % 10 === 0) await new Promise(setImmediate);
    }
    stream.end();
    await once(stream, 'close');
    assert.equal(echoed, 20_000);
  });

  it('may cancel hundreds of requests, as a browser does that is sent elsewhere', timely, async () => {
    for (let page = 0; page < 5; page += 1) {
      const streams = Array.from({ length: 80 }, () => client.session.request({ ':path': '/never', ':authority': host }));
      for (const stream of streams) stream.on('error', () => {});
      await new Promise(setImmediate);
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
      await Promise.all(streams.map((stream) => once(stream, 'close')));
      assert.equal((await client.ask()).status, 200);
    }
  });

  it('may send large cookies with each request, the same or others', timely, async () => {
    const session = 'c'.repeat(8_000);
    for (let turn = 0; turn < 300; turn += 1) {
      const cookie = turn % 2 === 0 ? session : `${turn}${session}`;
      assert.equal((await client.ask({ headers: { cookie } })).status, 200);
    }
  });

  it('may ask whether we are there and change its settings while a stream is open', timely, async () => {
    const stream = post('/echo');
    stream.resume();
    for (let turn = 0; turn < 300; turn += 1) await new Promise<void>((resolve) => void client.session.ping(() => resolve()));
    for (let turn = 0; turn < 30; turn += 1)
      await new Promise<void>((resolve) => client.session.settings({ initialWindowSize: 65_535 + turn }, () => resolve()));
    stream.end();
    await once(stream, 'close');
  });

  it('may send trailers behind its uploads, and uploads that are refused', timely, async () => {
    for (let turn = 0; turn < 100; turn += 1) {
      const answered = await client.ask({ method: 'POST', path: '/count', body: 'x', trailers: { 'x-sum': 'abc' } });
      assert.equal(answered.body, '1');
    }
    const refused = { method: 'POST', host: `nobody.${host}`, body: Buffer.alloc(50_000) };
    for (let turn = 0; turn < 30; turn += 1) assert.equal((await client.ask(refused)).status, 404);
  });

  it('may say with each request what is urgent, in the old way and the new', timely, async () => {
    const pieces: Buffer[] = [preface];
    for (let id = 1; id < 600; id += 2) {
      pieces.push(frame(2, 0, id, Buffer.of(0, 0, 0, 0, 200)));
      pieces.push(frame(0x10, 0, 0, Buffer.concat([number(id), Buffer.from('u=1, i')])));
      pieces.push(frame(1, 0x5, id, head('/')));
    }
    // As many at once as one may have.
    const socket = await connectTls(house, { alpn: ['h2'] });
    let ended = 0;
    let sent = 0;
    for await (const { type, flags } of framesOf(socket, () => socket.write(Buffer.concat(pieces.slice(0, (sent = 1 + 3 * 50)))))) {
      if (type !== 0 || (flags & 1) === 0) continue;
      ended += 1;
      if (ended % 50 === 0) socket.write(Buffer.concat(pieces.slice(sent, (sent += 3 * 50))));
      if (ended === 300) break;
    }
    assert.equal(ended, 300);
    socket.destroy();
  });
});

/** The silence of a request says nothing once its answer has begun: who listens has nothing to say. */
describe('a client that listens', () => {
  it('is not cut because its own half of the conversation is silent', timely, async () => {
    await using upstream = await openUpstream(answer);
    await using house = await openHouse({
      config: `routes: [{from: https://${host}, to: '${upstream.url}', allow_public_unauthenticated_access: true, timeout: 0s}]`,
      limits: { bodyIdleMs: 150 },
    });
    await using client = await openHttp2(house, host);
    const stream = client.session.request({ ':method': 'POST', ':path': '/echo', ':authority': host }, { endStream: false });
    let said = '';
    stream.setEncoding('latin1').on('data', (chunk: string) => (said += chunk));
    stream.write('hello, ');
    await once(stream, 'response');
    await wait(800);
    stream.end('bye');
    await once(stream, 'close');
    assert.equal(said, 'hello, bye');
  });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = '' } = request;
  if (url === '/never') return;
  if (url === '/echo') return void request.pipe(response.writeHead(200));
  if (url === '/late') setTimeout(count, 700);
  else if (url === '/bytewise') void sayBytewise(response);
  else count();

  function count(): void {
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.length)).on('end', () => response.end(String(length)));
  }
}

const piece = Buffer.alloc(64 * 1024);

async function upload(stream: ClientHttp2Stream, pieces: number): Promise<string> {
  let answered = '';
  stream.setEncoding('latin1').on('data', (chunk: string) => (answered += chunk));
  for (let sent = 0; sent < pieces; sent += 1) if (!stream.write(piece)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'close');
  return answered;
}

async function sayBytewise(response: ServerResponse): Promise<void> {
  for (let byte = 0; byte < 5_000; byte += 1) {
    response.write('x');
    await new Promise(setImmediate);
  }
  response.end();
}

const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);

function head(path: string): Buffer {
  return Buffer.concat([literal(':method', 'GET'), literal(':scheme', 'https'), literal(':authority', host), literal(':path', path)]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads a stream of small pieces and answers each with two WINDOW_UPDATE frames, as some clients do. */
async function takeBytewise(house: House, expected: number): Promise<number> {
  const socket = await connectTls(house, { alpn: ['h2'] });
  let taken = 0;
  for await (const { type, flags, length } of framesOf(socket, () =>
    socket.write(Buffer.concat([preface, frame(1, 0x5, 1, head('/bytewise'))])),
  )) {
    if (type !== 0) continue;
    taken += length;
    if (length > 0) socket.write(Buffer.concat([frame(8, 0, 0, number(length)), frame(8, 0, 1, number(length))]));
    if ((flags & 1) === 1 || taken === expected) break;
  }
  socket.destroy();
  return taken;
}

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
}

async function* framesOf(socket: AsyncIterable<Buffer>, begin: () => void): AsyncGenerator<Frame> {
  begin();
  let pending = Buffer.alloc(0);
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const length = pending.readUIntBE(0, 3);
      yield { type: pending.readUInt8(3), flags: pending.readUInt8(4), length };
      pending = pending.subarray(9 + length);
    }
  }
}

function isCut(line: Readonly<Record<string, unknown>>): boolean {
  return String(line['msg']).startsWith('An HTTP/2 connection was ended');
}
