import assert from 'node:assert/strict';
import { readByNode } from '../../upstream/transports/read-by-node.ts';
import { readByUs } from '../../upstream/transports/read-answer.ts';
import { cutBytes, randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * The parser of our own client for HTTP/1.1, against `llhttp`: what it takes for an answer is one for `llhttp` too, and the same one to the
 * last byte; and it reads the same however the network cut the bytes.
 */
export const answer: FuzzTarget = {
  name: 'answer',
  briefly: 800,
  meets: ['whole', 'whole, and then more', 'until the end', 'part', 'refused alike', 'refused by us alone'],
  open: () => Promise.resolve({ seeds: [], make, check, [Symbol.asyncDispose]: closesNothing }),
};

const words = wordsOf(
  '\r\n', '\n', '\r', '\r\n\r\n', '\0', '\t', ' ', ':', ';', ',', '=', '"', '\x7f', '\x80', '\xff', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.0 200 OK\r\n', 'HTTP/1.1 200\r\n',
  'HTTP/2.0 200 OK\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\n', 'Content-Length: 2\r\n',
  'Content-Length: 0\r\n', 'content-length:  5 \r\n', 'Content-Length: 2, 2\r\n', 'Content-Length: +2\r\n', 'Content-Length: 99999999999999999999\r\n', 'Content-Length: \r\n',
  'Transfer-Encoding: chunked\r\n', 'transfer-encoding: Chunked \r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Transfer-Encoding: chunked, gzip\r\n', 'Transfer-Encoding: \r\n',
  'Connection: close\r\n', 'Connection: keep-alive\r\n', 'Connection: x, close\r\n', 'Connection: upgrade\r\n', 'Upgrade: websocket\r\n', 'Keep-Alive: timeout=5\r\n', 'Trailer: x-t\r\n',
  'x-t: 1\r\n', 'X-A:\r\n', 'X-A: a b \r\n', ': x\r\n', ' folded\r\n', 'X A: b\r\n', 'X-A : b\r\n', '0\r\n\r\n', '2\r\nok\r\n', '02\r\nok\r\n', '5;a=b\r\nhello\r\n', '5;a="b;c"\r\nhello\r\n',
  '5;a;b=c\r\nhello\r\n', '5 ;a\r\nhello\r\n', '5; a\r\nhello\r\n', '5;\r\nhello\r\n', 'A\r\n0123456789\r\n', 'ffffffff\r\n', 'fffffffffffffffff\r\n', '-1\r\n', '0x2\r\n', '0;a=b\r\n\r\n',
); // prettier-ignore

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.oneIn(2) ? soundAnswer(random) : random.pick(known), { others: known, words });
  if (random.oneIn(2)) return soundAnswer(random);
  const first = random.pick(['HTTP/1.1 200 OK\r\n', 'HTTP/1.0 200 OK\r\n', 'HTTP/1.1 204 \r\n', '']);
  return Buffer.concat([Buffer.from(first), ...random.times(random.below(10), () => random.pick(words))]);
}

/** Nearly. */
function soundAnswer(random: Random): Buffer {
  const status = random.pick(['200 OK', '404 Not Found', '204 No Content', '304 Not Modified', '206', '500 ', '999 x']);
  const version = random.oneIn(6) ? 'HTTP/1.0' : 'HTTP/1.1';
  const fields = random.times(random.below(4), () =>
    random.pick([
      'X-A: b',
      'x-b:c',
      'X-C: \xe9 ',
      'X-D:',
      'Connection: close',
      'Connection: keep-alive',
      'Set-Cookie: a=b; c',
      'Keep-Alive: timeout=5',
    ]),
  );
  const length = random.below(4);
  const framed = random.pick([
    `Content-Length: ${length}\r\n\r\n${'ok!'.slice(0, random.oneIn(3) ? random.below(4) : length)}`,
    `Transfer-Encoding: chunked\r\n\r\n${random.times(random.below(4), () => chunk(random)).join('')}0\r\n${random.pick(['', 'x-t: 1\r\n', 'X-Sum:\r\nx-u: 2\r\n'])}\r\n`,
    '\r\nok',
  ]);
  const hints = random.oneIn(4) ? 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' : '';
  const more = random.oneIn(4) ? random.pick(['x', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers', '\r\n', '0\r\n\r\n']) : '';
  return Buffer.from(`${hints}${version} ${[status, ...fields, framed].join('\r\n')}${more}`, 'latin1');
}

function chunk(random: Random): string {
  const data = 'a'.repeat(1 + random.below(20));
  const size = data.length.toString(16);
  return `${random.pick(['', '0', '00'])}${random.oneIn(2) ? size.toUpperCase() : size}${random.pick(['', '', ';a', ';a=b', ';a="b c"'])}\r\n${data}\r\n`;
}

async function check(input: Buffer): Promise<string> {
  const random = randomOf(input);
  const circumstances = { method: random.pick(['GET', 'GET', 'GET', 'HEAD', 'DELETE']), closes: random.oneIn(2) };
  const { used, ...ours } = readByUs([input], circumstances);
  assert.deepEqual(readByUs(cutBytes(random, input), circumstances), { ...ours, used }, 'cut otherwise it is read otherwise');
  const single = Array.from(input, (byte) => Buffer.of(byte));
  assert.deepEqual(readByUs(single, circumstances), { ...ours, used }, 'byte by byte it is read otherwise');
  if (ours.outcome === 'part') return 'part';
  const isUntilClose = ours.outcome === 'whole' && used === input.length && circumstances.closes && !ours.persists;
  // What follows an answer is none of its bytes: we never take it for anything.
  const theirs = await readByNode(ours.outcome === 'whole' ? input.subarray(0, used) : input, {
    ...circumstances,
    closes: ours.outcome === 'broken' || isUntilClose,
  });
  if (ours.outcome === 'broken') return theirs.outcome === 'whole' ? 'refused by us alone' : 'refused alike';
  assert.equal(theirs.outcome, 'whole', 'taken for an answer that is none');
  const { persists, ...same } = theirs;
  assert.ok(persists || !ours.persists, 'used again where it must not be');
  assert.deepEqual({ ...same, persists: ours.persists }, ours, 'another answer');
  if (used < input.length) return 'whole, and then more';
  return isUntilClose ? 'until the end' : 'whole';
}
