import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { closed } from './closed.ts';
import { headerSection, number, preface } from './http2-flood.ts';
import { connectRaw, connectTls, requestText } from './raw-client.ts';
import { frame } from './raw-http2.ts';

const timely = { timeout: 20_000 };
const large = 32 * 1024 * 1024;

/** Whoever asks for much and reads nothing holds memory of ours, and a connection of the upstream's (CVE-2019-9511, -9517). */
describe('a client that does not read its answer', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  const ended: string[] = [];

  before(async () => {
    upstream = await openUpstream(({ url = '' }, response) => {
      response.once('close', () => ended.push(url));
      response.writeHead(200, { 'content-length': large });
      const chunk = Buffer.alloc(64 * 1024);
      const go = (): void => {
        while (response.write(chunk));
        response.once('drain', go);
      };
      go();
    });
    house = await openHouse({
      config: `routes: [{name: public, from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}]`,
      limits: { writeStallMs: 300, checkEveryMs: 50, lingerMs: 100 },
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function assertCut(path: string): Promise<void> {
    const line = await house.logLine((each) => each['path'] === path);
    assert.deepEqual([line['status'], line['decision'], line['failure']], [200, 'allow', 'client-stalled']);
    while (!ended.includes(path)) await new Promise(setImmediate);
  }

  it('is cut off over HTTP/1.1, and the log says why', timely, async () => {
    using connection = await connectRaw(house);
    connection.socket.pause();
    connection.write(requestText(['GET /one HTTP/1.1', 'Host: public.postern.test']));
    await assertCut('/one');
  });

  it('has its stream reset over HTTP/2 when its window is shut, and the log says why', timely, async () => {
    const socket = await connectTls(house, { alpn: ['h2'] });
    socket.resume();
    const shut = frame(4, 0, 0, Buffer.concat([Buffer.of(0, 4), number(0)]));
    socket.write(Buffer.concat([preface, shut, frame(1, 0x5, 1, headerSection('/two'))]));
    await assertCut('/two');
    socket.destroy();
  });

  it('has its stream reset when it opens the window byte by byte', timely, async () => {
    const socket = await connectTls(house, { alpn: ['h2'] });
    socket.resume();
    const narrow = frame(4, 0, 0, Buffer.concat([Buffer.of(0, 4), number(1)]));
    socket.write(Buffer.concat([preface, narrow, frame(1, 0x5, 1, headerSection('/byte'))]));
    const drip = setInterval(() => socket.writable && socket.write(frame(8, 0, 1, number(1))), 20);
    await assertCut('/byte');
    clearInterval(drip);
    socket.destroy();
  });

  it('holds no more than a bound with a hundred of them, while others are served', timely, async () => {
    const rssBefore = process.memoryUsage.rss();
    const socket = await connectTls(house, { alpn: ['h2'] });
    socket.resume();
    const shut = frame(4, 0, 0, Buffer.concat([Buffer.of(0, 4), number(0)]));
    const streams = Array.from({ length: 100 }, (_, index) => frame(1, 0x5, 1 + 2 * index, headerSection(`/many/${index}`)));
    socket.write(Buffer.concat([preface, shut, ...streams]));
    let largest = 0;
    while (ended.filter((path) => path.startsWith('/many/')).length < 100) {
      largest = Math.max(largest, process.memoryUsage.rss() - rssBefore);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.destroy();
    await closed(socket);
    assert.ok(largest < 128 * 1024 * 1024, `the process grew by ${largest} bytes`);
  });

  it('that takes its time but reads is left alone', timely, async () => {
    const connection = await connectTls(house);
    connection.write(requestText(['GET /slow HTTP/1.1', 'Host: public.postern.test', 'Connection: close']));
    let length = 0;
    connection.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length >= large) return;
      if (length % 50 === 0) {
        connection.pause();
        setTimeout(() => connection.resume(), 20);
      }
    });
    await once(connection, 'end');
    assert.ok(length > large);
  });
});
