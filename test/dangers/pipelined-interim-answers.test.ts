import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import { connectTls, readUntil } from '../listener/raw-client.ts';
import type { TestPki } from '../listener/start-listener.ts';
import { makeGroups, makePki, startListener } from '../listener/start-listener.ts';

const slow = 'GET /slow HTTP/1.1\r\nHost: plain.test\r\n\r\n';

/**
 * Behind an answer that is still on its way Node queues a 1xx answer, and then puts the head of the final one in front of the queue: the
 * client takes the 1xx for the beginning of the body, and the end of the body for the beginning of the next answer.
 */
describe('an interim answer to a pipelined request', () => {
  let pki: TestPki;
  before(async () => {
    pki = await makePki();
  });

  async function answersTo(request: string, answer: (exchange: Exchange) => void | Promise<void>): Promise<string> {
    const waiting = Promise.withResolvers<void>();
    const groups = makeGroups(pki, [['plain.test', 'none']]);
    await using server = await startListener({
      groups,
      async onRequest(exchange) {
        if (exchange.inbound.path === '/slow') await waiting.promise;
        else {
          await answer(exchange);
          setImmediate(waiting.resolve);
          return;
        }
        exchange.sink.send({ status: 200, headers: [], body: 'first' });
      },
    });
    const socket = await connectTls(server.port);
    socket.write(slow + request);
    const text = await readUntil(socket, /second/);
    socket.destroy();
    return text.replaceAll(/(?:Date|Keep-Alive|Connection): [^\r]*\r\n/g, '');
  }

  const first = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst';
  const second = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond';

  it('of ours, which asks for a body, stands before the head of the final one or nowhere', async () => {
    const request = 'POST / HTTP/1.1\r\nHost: plain.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody';
    const text = await answersTo(request, async ({ body, sink }) => {
      await body?.stream.toArray();
      sink.head(200, ['Content-Length', '6']);
      sink.write(Buffer.from('second'));
      sink.end();
    });
    assert.equal(text, first + second);
  });

  it('of ours comes when it is its turn, where the body was waited for', async () => {
    const waiting = Promise.withResolvers<void>();
    await using server = await startListener({
      groups: makeGroups(pki, [['plain.test', 'none']]),
      async onRequest({ inbound, body, sink }) {
        if (inbound.path === '/slow') await waiting.promise;
        else setTimeout(waiting.resolve, 20);
        const chunks = await body?.stream.toArray();
        sink.send({ status: 200, headers: [], body: chunks === undefined ? 'first' : String(chunks) });
      },
    });
    const socket = await connectTls(server.port);
    socket.write(`${slow}POST / HTTP/1.1\r\nHost: plain.test\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n`);
    assert.match(await readUntil(socket, /100 Continue\r\n\r\n/), /firstHTTP\/1\.1 100 Continue\r\n\r\n$/);
    socket.write('second');
    assert.match(await readUntil(socket, /second/), /^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });

  it('of an upstream is left out', async () => {
    const text = await answersTo('GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n', ({ sink }) => {
      sink.informational(103, ['Link', '</x>']);
      sink.head(200, ['Content-Length', '6']);
      sink.write(Buffer.from('second'));
      sink.end();
    });
    assert.equal(text, first + second);
  });
});
