import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { connectTls } from '../dangers/raw-client.ts';
import type { House } from './house.ts';
import { ask, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';

describe('what a request expects and asks for', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  const targets: string[] = [];

  before(async () => {
    upstream = await openUpstream((request, response) => {
      targets.push(request.url ?? '');
      answer(request, response);
    });
    house = await openHouse({
      config: `
routes:
  - {from: https://open.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}
  - {from: https://shut.postern.test, to: '${upstream.url}', policy: [{deny: {and: [{accept: true}]}}]}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function expecting(name: string, target: string): Promise<{ readonly socket: TLSSocket; readonly first: string }> {
    const socket = await connectTls(house, { sni: `${name}.postern.test` });
    socket.write(`PUT ${target} HTTP/1.1\r\nHost: ${name}.postern.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    return { socket, first: first.toString('latin1') };
  }

  it('is told to go on once it is allowed, and its body arrives', async () => {
    const { socket, first } = await expecting('open', '/whole');
    assert.equal(first, 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('body');
    assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200 [^]*got body/);
    socket.destroy();
  });

  it('is refused without being told to go on, and nothing reaches the upstream', async () => {
    const { socket, first } = await expecting('shut', '/refused');
    assert.match(first, /^HTTP\/1\.1 403 /);
    assert.equal(targets.includes('/refused'), false);
    socket.destroy();
  });

  it('gets the early refusal of an upstream that does not read the rest of its body', async () => {
    const { socket, first } = await expecting('open', '/early');
    // The head leaves with the first byte of the body.
    socket.write('bo');
    let text = first;
    for (; !/ 413 [^]*too large/.test(text);) text += String(await once(socket, 'data'));
    assert.match(text.replace('HTTP/1.1 100 Continue\r\n\r\n', ''), /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/i);
    socket.destroy();
  });

  it('is treated alike over HTTP/2', async () => {
    await using connection = await openHttp2(house, 'open.postern.test');
    for (const [host, target, wanted] of [
      ['open', '/whole', [true, 200]],
      ['open', '/early', [true, 413]],
      ['shut', '/refused', [false, 403]],
    ] as const) {
      const stream = connection.session.request(
        { ':method': 'PUT', ':path': target, ':authority': `${host}.postern.test`, expect: '100-continue', 'content-length': '4' },
        { endStream: false },
      );
      let told = false;
      stream.on('error', () => stream.destroy());
      stream.once('continue', () => {
        told = true;
        if (target === '/whole') stream.end('body');
        else stream.write('bo');
      });
      const [headers] = await once(stream, 'response');
      assert.deepEqual([told, headers[':status']], wanted, target);
      stream.resume().close();
    }
    assert.equal(targets.includes('/refused'), false);
  });

  it('gets a part, several parts, or none of a file', async () => {
    const outcomes: unknown[] = [];
    for (const range of ['bytes=0-3', 'bytes=0-1,4-5', 'bytes=99-']) {
      const { status, headers, body } = await ask(house, 'https://open.postern.test/file', { headers: { range } });
      outcomes.push([status, headers['content-range'], headers['content-length'], headers['accept-ranges'], body]);
    }
    assert.deepEqual(outcomes, [
      [206, 'bytes 0-3/10', '4', 'bytes', '0123'],
      [206, undefined, undefined, undefined, parts],
      [416, 'bytes */10', '0', undefined, ''],
    ]);
  });

  it('gets the length of what it did not ask for, and none where there is none', async () => {
    const outcomes: unknown[] = [];
    for (const [method, target] of [
      ['HEAD', '/known'],
      ['HEAD', '/unknown'],
      ['GET', '/204'],
      ['GET', '/304'],
    ] as const) {
      const { status, headers, body } = await ask(house, `https://open.postern.test${target}`, { method });
      outcomes.push([status, headers['content-length'], body]);
    }
    assert.deepEqual(outcomes, [
      [200, '1000', ''],
      [200, undefined, ''],
      [204, undefined, ''],
      [304, '7', ''],
    ]);
  });
});

const parts = '--x\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n--x\r\nContent-Range: bytes 4-5/10\r\n\r\n45\r\n--x--\r\n';

function answer(request: IncomingMessage, response: ServerResponse): void {
  switch (request.url ?? '') {
    case '/whole':
      request.on('data', (chunk: Buffer) => response.end(`got ${chunk.toString()}`));
      break;
    case '/early':
      response.writeHead(413, { 'content-length': '9', connection: 'close' }).end('too large');
      break;
    case '/file':
      answerRange(request.headers.range ?? '', response);
      break;
    case '/known':
      response.writeHead(200, { 'content-length': '1000' }).end();
      break;
    case '/204':
      response.writeHead(204).end();
      break;
    case '/304':
      response.writeHead(304, { 'content-length': '7' }).end();
      break;
    default:
      response.writeHead(200, { 'transfer-encoding': 'chunked' }).end();
  }
}

function answerRange(range: string, response: ServerResponse): void {
  if (range === 'bytes=0-3')
    response.writeHead(206, { 'content-range': 'bytes 0-3/10', 'accept-ranges': 'bytes', 'content-length': '4' }).end('0123');
  else if (range.includes(',')) response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary=x' }).end(parts);
  else response.writeHead(416, { 'content-range': 'bytes */10', 'content-length': '0' }).end();
}
