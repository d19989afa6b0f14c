import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { after, afterEach, before, describe, it } from 'node:test';
import type { HeldBytes } from './held-bytes.ts';
import { watchHeldBytes } from './held-bytes.ts';
import type { House } from './house.ts';
import { openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';

const mebibyte = 1024 * 1024;
/** More than the kernel keeps for two connections, so that a body does not arrive while nobody reads it. */
const size = 64 * mebibyte;
/** Of a body that nobody reads, the proxy holds no more. */
const holdsAtMost = 2 * mebibyte;
const block = Buffer.alloc(64 * 1024, 'postern streams what it is given; ');
const wanted = digestOf((add) => {
  for (let sent = 0; sent < size; sent += block.length) add(block);
});

/** Bodies pass through piece by piece: none is collected, and whoever goes away frees the other side. */
describe('streaming', () => {
  let house: House;
  let held: HeldBytes;
  let upstream: AsyncDisposable & { readonly url: string };
  let handle: (request: IncomingMessage, response: ServerResponse) => void = answerNothing;

  before(async () => {
    upstream = await openUpstream((request, response) => handle(request, response));
    house = await openHouse({
      config: `
routes:
  - {name: stream, from: https://stream.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, timeout: 0s}
`,
    });
    held = watchHeldBytes(house.port, upstream.url);
  });

  after(async () => {
    held[Symbol.dispose]();
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  afterEach(() => {
    handle = answerNothing;
  });

  function send(method: string, path = '/'): ReturnType<typeof httpsRequest> {
    const { port, pki } = house;
    const host = 'stream.postern.test';
    const request = httpsRequest({
      host: '127.0.0.1',
      servername: host,
      port,
      method,
      path,
      headers: { host },
      ca: pki.serverCa.certificatePem,
      agent: false,
    });
    request.on('error', () => request.destroy());
    return request;
  }

  it('brings each event of a stream of events before the next one is made', async () => {
    const events: string[] = [];
    const sending = { next: (): void => assert.fail('asked too early') };
    handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      sending.next = () => void (events.length === 5 ? response.end() : response.write(`data: ${events.length}\n\n`));
    };
    const request = send('GET');
    request.end();
    // The head comes before any event: a page with EventSource would else wait for the first.
    const response = await answerTo(request);
    sending.next();
    for await (const chunk of response) {
      events.push(String(chunk));
      sending.next();
    }
    assert.deepEqual(
      events,
      Array.from({ length: 5 }, (_, index) => `data: ${index}\n\n`),
    );
  });

  it('brings the first bytes of a request body before the last are sent', async () => {
    const received: string[] = [];
    let heard = Promise.withResolvers<void>();
    handle = (incoming, response) => {
      incoming.on('data', (chunk: Buffer) => {
        received.push(chunk.toString());
        heard.resolve();
      });
      incoming.on('end', () => response.end('all'));
    };
    const request = send('POST');
    for (const part of ['one', 'two', 'three']) {
      heard = Promise.withResolvers<void>();
      request.write(part);
      await heard.promise;
    }
    request.end();
    assert.deepEqual([(await answerTo(request)).statusCode, received], [200, ['one', 'two', 'three']]);
  });

  it('lets a slow reader slow the upstream down, and brings 64 MiB whole', async () => {
    let written = 0;
    handle = (_, response) => {
      response.writeHead(200);
      void pour(response, (bytes) => (written += bytes));
    };
    const request = send('GET');
    request.end();
    const response = await answerTo(request);
    assert.ok((await whenStill(() => written)) < size, 'all of it was taken from the upstream though nobody read it');
    assert.ok(held.downwards() < holdsAtMost, `${held.downwards()} bytes are held, of an answer that nobody reads`);
    assert.equal(await digestOfStream(response), wanted);
  });

  it('lets a slow upstream slow a sender down, and brings 64 MiB whole', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    handle = (incoming, response) => {
      arrived.resolve(incoming);
      incoming.on('end', () => response.end('thanks'));
    };
    const request = send('PUT');
    let written = 0;
    void pour(request, (bytes) => (written += bytes));
    const incoming = await arrived.promise;
    assert.ok((await whenStill(() => written)) < size, 'all of it was taken from the client though the upstream read none');
    assert.ok(held.upwards() < holdsAtMost, `${held.upwards()} bytes are held, of a body that the upstream does not read`);
    const answer = answerTo(request);
    assert.equal(await digestOfStream(incoming), wanted);
    assert.equal((await answer).statusCode, 200);
  });

  it('holds the upstream back over HTTP/2 too', async () => {
    let written = 0;
    handle = (_, response) => void pour(response, (bytes) => (written += bytes));
    await using connection = await openHttp2(house, 'stream.postern.test');
    const stream = connection.session.request({ ':path': '/', ':authority': 'stream.postern.test' });
    await once(stream, 'response');
    assert.ok((await whenStill(() => written)) < size, 'all of it was taken from the upstream though nobody read it');
    assert.ok(held.downwards() < holdsAtMost, `${held.downwards()} bytes are held, of an answer that nobody reads`);
    assert.equal(await digestOfStream(stream), wanted);
  });

  it('frees the upstream as soon as the client goes away, before, in and after the head', async () => {
    for (const moment of ['waiting', 'begun', 'uploading'] as const) {
      const begun = Promise.withResolvers<ServerResponse>();
      handle = (incoming, response) => {
        incoming.resume().on('error', () => incoming.destroy());
        if (moment === 'begun') response.write('something');
        begun.resolve(response);
      };
      const request = send(moment === 'uploading' ? 'POST' : 'GET');
      if (moment === 'uploading') request.write('some');
      else request.end();
      const upstreamSide = await begun.promise;
      const closed = once(upstreamSide, 'close');
      if (moment === 'begun') await answerTo(request);
      request.destroy();
      await closed;
      assert.equal(upstreamSide.writableFinished, false);
    }
    const line = await house.logLine((each) => each['method'] === 'POST' && each['failure'] === 'client-aborted');
    assert.equal(line['decision'], 'allow');
  });

  it('frees the upstream when one HTTP/2 stream is reset, and leaves the others alone', async () => {
    const begun = Promise.withResolvers<ServerResponse>();
    handle = (request, response) => {
      if (request.url === '/other') response.end('still here');
      else begun.resolve(response.writeHead(200));
      response.write('x', () => {});
    };
    await using connection = await openHttp2(house, 'stream.postern.test');
    const stream = connection.session.request({ ':path': '/', ':authority': 'stream.postern.test' });
    stream.on('error', () => {});
    const closed = once(await begun.promise, 'close');
    stream.close(8);
    await closed;
    handle = (_, response) => response.end('still here');
    assert.equal((await connection.ask({ path: '/other' })).body, 'still here');
  });

  it('cuts the client off when the upstream breaks its answer off', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    };
    const request = send('GET');
    request.end();
    const response = await answerTo(request);
    await assert.rejects(digestOfStream(response), { code: 'ECONNRESET' });
    const line = await house.logLine((each) => each['failure'] === 'upstream-broken' && each['msg'] === 'request');
    assert.deepEqual([line['status'], line['decision']], [200, 'allow']);
  });
});

function answerNothing(_request: IncomingMessage, response: ServerResponse): void {
  response.end();
}

async function answerTo(request: ReturnType<typeof httpsRequest>): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => response.destroy());
  return response;
}

interface Sink {
  write(chunk: Buffer): boolean;
  end(): void;
  once(event: 'drain', listener: () => void): void;
}

/** Writes 64 MiB at the pace of the reader. */
async function pour(sink: Sink, count: (bytes: number) => void): Promise<void> {
  for (let sent = 0; sent < size; sent += block.length) {
    count(block.length);
    if (!sink.write(block)) await new Promise<void>((resolve) => sink.once('drain', resolve));
  }
  sink.end();
}

/** The figure once it has not changed for a quarter of a second. */
async function whenStill(figure: () => number): Promise<number> {
  for (let known = -1; known !== figure();) {
    known = figure();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return figure();
}

async function digestOfStream(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function digestOf(feed: (add: (chunk: Buffer) => void) => void): string {
  const hash = createHash('sha256');
  feed((chunk) => hash.update(chunk));
  return hash.digest('hex');
}
