import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { openHouse } from '../../walk/house.ts';
import { cutBytes, randomOf } from '../cut-bytes.ts';
import type { FuzzTarget, OpenTarget } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import { exchangePlainly } from '../plain-exchange.ts';
import type { Random } from '../random.ts';
import { fieldOf, finalAnswers, readAnswers } from '../strict-http.ts';

/**
 * Answers of an upstream, through a whole Postern: the client gets one sound answer, or the end of its connection; and whoever asks next, on
 * this connection or another one, gets the answer that is theirs.
 */
export const upstreamResponse: FuzzTarget = {
  name: 'upstream-response',
  briefly: 150,
  meets: ['200', '502'],
  open: openTarget,
};

const words = wordsOf(
  '\r\n', '\n', '\r', '\r\n\r\n', '\0', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\n',
  'HTTP/1.1 304 Not Modified\r\n', 'HTTP/1.1 204 No Content\r\n', 'HTTP/1.0 200 OK\r\n', 'HTTP/2 200\r\n', 'Content-Length: 2\r\n', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Connection: close\r\n', 'Connection: keep-alive, x-a\r\n', 'Trailer: x-t\r\n', 'x-t: 1\r\n',
  '0\r\n\r\n', '2\r\nok\r\n', '5;a=b\r\n', 'ffffffff\r\n', 'Set-Cookie: _pomerium=x\r\n', 'X-A: \x80\r\n', ': x\r\n', ' folded\r\n', 'Keep-Alive: timeout=1\r\n', 'Upgrade: websocket\r\n',
); // prettier-ignore

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(3)) return soundAnswer(random);
  if (!random.oneIn(4)) return mutateBytes(random, random.pick(known), { others: known, words });
  return Buffer.concat([
    Buffer.from(random.pick(['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 404 x\r\n', ''])),
    ...random.times(random.below(8), () => random.pick(words)),
  ]);
}

/** Nearly: what the readers of answers let pass is where they may come to differ. */
function soundAnswer(random: Random): Buffer {
  const status = random.pick(['200 OK', '404 Not Found', '204 No Content', '304 Not Modified', '206 x', '500 ']);
  const fields = random.times(random.below(4), () =>
    random.pick([
      'X-A: b',
      'Connection: close',
      'Connection: x-a',
      'Keep-Alive: timeout=5',
      'Trailer: x-t',
      'Set-Cookie: _pomerium=x',
      'TE: x',
    ]),
  );
  const length = random.pick([0, 1, 2, 3]);
  const framed = random.pick([
    `Content-Length: ${length}\r\n\r\n${'ok!'.slice(0, random.oneIn(3) ? random.below(4) : length)}`,
    'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n',
    '\r\nok',
  ]);
  const hints = random.oneIn(4) ? 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' : '';
  const more = random.oneIn(4) ? random.pick(['x', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers', '\r\n', '0\r\n\r\n']) : '';
  return Buffer.from(`${hints}HTTP/1.1 ${[status, ...fields, framed].join('\r\n')}${more}`);
}

async function openTarget(): Promise<OpenTarget> {
  let answer: Buffer = Buffer.alloc(0);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const path = /^\S+ (\S+) /.exec(chunk.toString('latin1'))?.[1] ?? '';
      const isHead = chunk.toString('latin1').startsWith('HEAD');
      const own = `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${isHead ? '' : path}`;
      if (path.startsWith('/own/slow')) setTimeout(() => socket.write(own), 8);
      else if (path.startsWith('/own')) socket.write(own);
      else sendAnswer(socket, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const route = `{from: https://a.test, to: "http://127.0.0.1:${port}", allow_public_unauthenticated_access: true, timeout: 300ms}`;
  const house = await openHouse({ config: `insecure_server: true\nlog_level: error\nroutes: [${route}]` });
  return {
    seeds: [],
    make,
    check(input) {
      answer = input;
      return check(input, house.port);
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Mostly the connection ends behind the answer, so that one that lacks something is not waited for. */
function sendAnswer(socket: Socket, answer: Buffer): void {
  const random = randomOf(answer);
  for (const chunk of cutBytes(random, answer)) socket.write(chunk);
  if (!random.oneIn(8)) setTimeout(() => socket.end(), 2);
}

/** Between two requests of the same connection: what comes before is still on its way, or just gone. */
async function check(input: Buffer, port: number): Promise<string> {
  const random = randomOf(input);
  const method = random.pick(['GET', 'GET', 'GET', 'HEAD', 'DELETE']);
  const early = `/own/${random.oneIn(2) ? 'slow/' : ''}${random.next()}`;
  const late = `/own/${random.next()}`;
  const lines = [`GET ${early}`, `${method} /fuzz`, `GET ${late}`];
  const asked = lines.map((line, index) => `${line} HTTP/1.1\r\nHost: a.test\r\n${index === 2 ? 'Connection: close\r\n' : ''}\r\n`);
  const methods = ['GET', method, 'GET'];
  const { received, isOver } = await exchangePlainly({
    port,
    chunks: [Buffer.from(asked.join(''))],
    isDone: (bytes) => finalAnswers(readAnswers(bytes, methods, false)).length === 3,
    withinMs: 5_000,
  });
  const text = JSON.stringify(received.toString('latin1').slice(0, 900));
  const reading = readAnswers(received, methods, isOver);
  const { begun, rest } = reading;
  assert.ok(rest === 'nothing' || rest === 'part', `the client got something else than answers (${rest}): ${text}`);
  const [first, second, third] = finalAnswers(reading);
  assert.ok(isOver || third !== undefined, `nobody answers: ${text}`);
  for (const [answer, own] of [[first, early] as const, [third, late] as const])
    // The route is impatient, and the machine may be busy.
    if (answer !== undefined && answer.start[1] !== '504')
      assert.deepEqual([answer.start[1], answer.body.toString()], ['200', own], `a neighbouring request gets another answer: ${text}`);
  if (second?.endsWithConnection === true)
    assert.equal(fieldOf(second, 'connection'), 'close', `nobody can tell where the answer ends: ${text}`);
  const setCookies = [second, begun].flatMap((message) => message?.fields ?? []).filter(([name]) => name === 'set-cookie');
  assert.deepEqual(
    setCookies.filter(([, value]) => /^_pomerium(?:_[^=;]*)?\s*(?:[=;]|$)/.test(value)),
    [],
    'a cookie of ours is set',
  );
  await checkNeighbour(port, random);
  if (second === undefined) return begun === undefined ? 'closed' : 'cut';
  return `${second.start[1]}${rest === 'part' ? ', and then the end' : ''}`;
}

/** Somebody else, over what is left of the connections to the upstream. The route is impatient and the machine may be busy: then once more. */
async function checkNeighbour(port: number, random: Random, isLast = false): Promise<void> {
  const own = `/own/${random.next()}`;
  const { received } = await exchangePlainly({
    port,
    chunks: [Buffer.from(`GET ${own} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`)],
    isDone: () => false,
    withinMs: 5_000,
  });
  const { messages, rest } = readAnswers(received, ['GET'], true);
  const [answer] = messages;
  if (answer?.start[1] === '504' && !isLast) return checkNeighbour(port, random, true);
  const text = received.toString('latin1').slice(0, 600);
  assert.ok(messages.length === 1 && rest === 'nothing' && answer?.body.toString() === own, `somebody else gets another answer: ${text}`);
}
