import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerParser } from '../../../src/upstream/transports/answer-parser.ts';
import { readByNode } from './read-by-node.ts';
import { readByUs } from './read-answer.ts';

const ok = 'Content-Length: 2\r\n\r\nok';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

interface Answer {
  readonly text: string;
  readonly method?: string;
  /** The end of the connection is that of the answer. */
  readonly closes?: boolean;
}

const legal: Readonly<Record<string, Answer>> = {
  'a length': { text: `HTTP/1.1 200 OK\r\nServer: x\r\nX-A: a b\r\nx-b:c\r\n${ok}` },
  'no reason': { text: `HTTP/1.1 200\r\n${ok}` },
  'an empty reason': { text: `HTTP/1.1 404 \r\n${ok}` },
  'bytes outside ASCII': { text: `HTTP/1.1 200 \xd6K\r\nX-A: \xe9\t\x80\r\n${ok}` },
  'a field without a value, and repeated ones': {
    text: `HTTP/1.1 200 OK\r\nX-A:\r\nX-A: \t 1 \t\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n${ok}`,
  },
  'no body': { text: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
  'an answer to HEAD': { text: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n', method: 'HEAD' },
  'a 204': { text: 'HTTP/1.1 204 No Content\r\n\r\n' },
  'a 304 with the length of what was not sent': { text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n' },
  chunks: { text: `${chunked}5\r\nhello\r\n0000A\r\n0123456789\r\n0\r\n\r\n` },
  'chunks with extensions': { text: `${chunked}5;a;b=c;d="e;f"\r\nhello\r\n0;z\r\n\r\n` },
  'chunks with trailers': { text: `${chunked}1\r\na\r\n0\r\nX-Sum: 7\r\nX-Other:\r\n\r\n` },
  'no chunk but the last': { text: `${chunked}0\r\n\r\n` },
  'an end by the end of the connection': { text: 'HTTP/1.1 200 OK\r\n\r\nhello', closes: true },
  'no byte before that end': { text: 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n', closes: true },
  'HTTP/1.0': { text: `HTTP/1.0 200 OK\r\n${ok}` },
  'HTTP/1.0 that keeps the connection': { text: `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${ok}` },
  'the end of the connection announced': { text: `HTTP/1.1 200 OK\r\nConnection: x-a, close\r\n${ok}` },
  'interim answers': { text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n${ok}` },
  'an upgrade that was only offered': { text: `HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\n${ok}` },
};

const refusedByAll: Readonly<Record<string, string>> = {
  'another protocol': 'SSH-2.0-OpenSSH\r\n\r\n',
  'HTTP/2.1': `HTTP/2.1 200 OK\r\n${ok}`,
  'a status of two digits': `HTTP/1.1 20 OK\r\n${ok}`,
  'a status of four digits': `HTTP/1.1 2000 OK\r\n${ok}`,
  'two spaces before the status': `HTTP/1.1  200 OK\r\n${ok}`,
  'bare line feeds': `HTTP/1.1 200 OK\n${ok}`,
  'a bare line feed behind a field': `HTTP/1.1 200 OK\r\nX-A: b\n${ok}`,
  'a bare carriage return in a value': `HTTP/1.1 200 OK\r\nX-A: b\rX-B: c\r\n${ok}`,
  'NUL in a value': `HTTP/1.1 200 OK\r\nX-A: b\0c\r\n${ok}`,
  'DEL in a value': `HTTP/1.1 200 OK\r\nX-A: b\x7fc\r\n${ok}`,
  'a folded field': `HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n${ok}`,
  'a space in a name': `HTTP/1.1 200 OK\r\nX A: b\r\n${ok}`,
  'a space before the colon': `HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok`,
  'a field without a name': `HTTP/1.1 200 OK\r\n: b\r\n${ok}`,
  'a line without a colon': `HTTP/1.1 200 OK\r\nX-A\r\n${ok}`,
  'two lengths that are equal': `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${ok}`,
  'two lengths that differ': `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n${ok}`,
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
  'a length with a sign': 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
  'a length in hex': 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok',
  'an empty length': 'HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nok',
  'a length beyond all numbers': 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok',
  'a length and chunks': `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  'chunks and a length': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${ok}`,
  'a switch that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'a hint that ends the connection': `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\n${ok}`,
  'a chunk whose size is none': `${chunked}0x2\r\nok\r\n0\r\n\r\n`,
  'a chunk without a size': `${chunked}\r\nok\r\n0\r\n\r\n`,
  'a chunk with a sign': `${chunked}+2\r\nok\r\n0\r\n\r\n`,
  'a bare line feed behind a size': `${chunked}2\nok\r\n0\r\n\r\n`,
  'a space behind a size': `${chunked}2 \r\nok\r\n0\r\n\r\n`,
  'a chunk that is longer than it says': `${chunked}2\r\noks\r\n0\r\n\r\n`,
  'a chunk beyond all numbers': `${chunked}10000000000000002\r\nok\r\n0\r\n\r\n`,
  'an extension without a name': `${chunked}2;\r\nok\r\n0\r\n\r\n`,
  'a control character in an extension': `${chunked}2;a=\0\r\nok\r\n0\r\n\r\n`,
  'a length among the trailers': `${chunked}2\r\nok\r\n0\r\nContent-Length: 2\r\n\r\n`,
  'a folded trailer': `${chunked}0\r\nX-A: b\r\n c\r\n\r\n`,
  'a bare carriage return in a trailer': `${chunked}0\r\nX-A: b\rX-B: c\r\n\r\n`,
};

/** Where readers differ, or what could only be meant to mislead: more than `llhttp` refuses. */
const refusedByUs: Readonly<Record<string, string>> = {
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'a coding beside chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'a coding other than chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok',
  // For llhttp no chunks follow, but a body that ends with its connection.
  'chunked and a TAB': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n2;a\r\nok\r\n0\r\n\r\n',
  'a control character in the reason': `HTTP/1.1 200 O\0K\r\n${ok}`,
  'a status below 100': `HTTP/1.1 099 OK\r\n${ok}`,
  'an empty line before it': `\r\nHTTP/1.1 200 OK\r\n${ok}`,
  'an escape in an extension': `${chunked}2;a="\\""\r\nok\r\n0\r\n\r\n`,
  'a length of more than 15 digits': 'HTTP/1.1 200 OK\r\nContent-Length: 0000000000000002\r\n\r\nok',
};

describe('AnswerParser: what is an answer', () => {
  for (const [what, { text, method = 'GET', closes = false }] of Object.entries(legal)) {
    it(`is what llhttp takes for one, and the same one: ${what}`, async () => {
      const bytes = Buffer.from(text, 'latin1');
      const { used, ...ours } = readByUs([bytes], { method, closes });
      const { persists, ...theirs } = await readByNode(bytes, { method, closes });
      assert.deepEqual({ ...theirs, outcome: 'whole', persists: ours.persists }, ours);
      assert.equal(used, bytes.length);
      assert.ok(persists || !ours.persists);
    });

    it(`is read alike wherever the network cut it: ${what}`, () => {
      const bytes = Buffer.from(text, 'latin1');
      const whole = readByUs([bytes], { method, closes });
      for (let at = 1; at < bytes.length; at += 1)
        assert.deepEqual(readByUs([bytes.subarray(0, at), bytes.subarray(at)], { method, closes }), whole, `cut at ${at}`);
      assert.deepEqual(readByUs(singly(bytes), { method, closes }), whole, 'byte by byte');
    });
  }

  it('ends where it ends: what follows is left', () => {
    for (const { text, method = 'GET', closes = false } of Object.values(legal)) {
      if (closes) continue;
      const surplus = Buffer.from(`${text}HTTP/1.1 200 OK\r\n${ok}`, 'latin1');
      assert.equal(readByUs([surplus], { method, closes: true }).used, text.length, text);
    }
  });

  it('says of each whether its connection may be used again', () => {
    assert.deepEqual(
      {
        'HTTP/1.1': mayBeUsedAgain(`HTTP/1.1 200 OK\r\n${ok}`),
        'HTTP/1.1, close': mayBeUsedAgain(`HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\n${ok}`),
        'HTTP/1.1, close in a second field': mayBeUsedAgain(`HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\n${ok}`),
        'HTTP/1.0': mayBeUsedAgain(`HTTP/1.0 200 OK\r\n${ok}`),
        'HTTP/1.0, keep-alive': mayBeUsedAgain(`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${ok}`),
        'until its end': mayBeUsedAgain('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nok'),
        'to HEAD': mayBeUsedAgain('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'HEAD'),
        '304 that may bring a body': mayBeUsedAgain('HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\n'),
        '204 that may bring a body': mayBeUsedAgain('HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n'),
        304: mayBeUsedAgain('HTTP/1.1 304 x\r\n\r\n'),
      },
      {
        'HTTP/1.1': true,
        'HTTP/1.1, close': false,
        'HTTP/1.1, close in a second field': false,
        'HTTP/1.0': false,
        'HTTP/1.0, keep-alive': false,
        'until its end': false,
        'to HEAD': false,
        '304 that may bring a body': false,
        '204 that may bring a body': false,
        304: true,
      },
    );
  });
});

describe('AnswerParser: what is none', () => {
  for (const [what, text] of Object.entries(refusedByAll)) {
    it(`is refused, as by llhttp: ${what}`, async () => {
      const bytes = Buffer.from(text, 'latin1');
      const circumstances = { method: 'GET', closes: true };
      assert.notEqual((await readByNode(bytes, circumstances)).outcome, 'whole', 'llhttp takes it');
      assert.equal(readByUs([bytes], circumstances).outcome, 'broken');
      assert.equal(readByUs(singly(bytes), circumstances).outcome, 'broken');
    });
  }

  for (const [what, text] of Object.entries(refusedByUs)) {
    it(`is refused, though llhttp takes it: ${what}`, async () => {
      const bytes = Buffer.from(text, 'latin1');
      const circumstances = { method: 'GET', closes: true };
      assert.equal((await readByNode(bytes, circumstances)).outcome, 'whole', 'llhttp refuses it by now');
      assert.equal(readByUs([bytes], circumstances).outcome, 'broken');
    });
  }

  it('is not whole when the connection ends too soon', () => {
    const closes = { method: 'GET', closes: true };
    for (const text of [
      '',
      'HTTP/1.1 2',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok',
      `${chunked}2\r\nok\r\n`,
      `${chunked}2\r\nok\r\n0\r\n`,
    ])
      assert.equal(readByUs([Buffer.from(text)], closes).outcome, 'part', text);
  });

  it('is known at its first bytes where it is another protocol: that one may be waiting for us', () => {
    assert.equal(readByUs([Buffer.from('220 ')], { method: 'GET', closes: false }).outcome, 'broken');
    assert.equal(readByUs(singly(Buffer.from('HTTQ')), { method: 'GET', closes: false }).outcome, 'broken');
    assert.equal(readByUs(singly(Buffer.from('HTTP/1.')), { method: 'GET', closes: false }).outcome, 'part');
  });

  it('is whatever comes where nothing was asked, and stays that', () => {
    const parser = new AnswerParser();
    parser.feed(Buffer.from('H'), 1);
    assert.deepEqual([parser.next(), parser.next()], ['broken', 'broken']);
    const answered = new AnswerParser();
    const bytes = Buffer.from('HTTP/1.1 204 x\r\n\r\nHTTP/1.1 204 x\r\n\r\n');
    answered.begin(false);
    answered.feed(bytes, bytes.length);
    assert.deepEqual([answered.next(), answered.next(), answered.left, answered.next()], ['head', 'end', bytes.length / 2, 'broken']);
  });
});

describe('AnswerParser: limits', () => {
  const circumstances = { method: 'GET', closes: false };
  const outcomeOf = (text: string, cut = 1_000): string =>
    readByUs([Buffer.from(text.slice(0, -cut), 'latin1'), Buffer.from(text.slice(-cut), 'latin1')], circumstances).outcome;
  it('are 64 KiB for a head, in one line or in many, and as much for trailers', () => {
    const lines = 'X-A: b\r\n'.repeat(9_000);
    assert.deepEqual(
      [head(65_536), head(65_537), `HTTP/1.1 200 OK\r\n${lines}`, `${chunked}0\r\n${lines}`, 'HTTP/1.1 200 OK'.padEnd(70_000, 'x')].map(
        (text) => outcomeOf(text),
      ),
      ['whole', 'broken', 'broken', 'broken', 'broken'],
    );
  });

  it('are the same for what comes byte by byte', () => {
    assert.equal(readByUs(singly(Buffer.from(head(65_536))), circumstances).outcome, 'whole');
    assert.equal(readByUs(singly(Buffer.from(head(65_537))), circumstances).outcome, 'broken');
  });

  it('are 1 KiB for the extensions of a chunk, and 13 digits for its size', () => {
    assert.deepEqual(
      [
        `${chunked}2;${'a'.repeat(1_023)}\r\nok\r\n0\r\n\r\n`,
        `${chunked}2;${'a'.repeat(1_024)}`,
        `${chunked}${'0'.repeat(12)}2\r\nok\r\n0\r\n\r\n`,
        `${chunked}${'0'.repeat(13)}2`,
      ].map((text) => outcomeOf(text, 1)),
      ['whole', 'broken', 'whole', 'broken'],
    );
  });
});

describe('AnswerParser: the pieces of a body', () => {
  it('are joined when many small chunks came at once', () => {
    const parser = new AnswerParser();
    const bytes = Buffer.from(`${chunked}${'3\r\nabc\r\n'.repeat(100)}0\r\n\r\n`);
    parser.begin(false);
    parser.feed(bytes, bytes.length);
    const parts = [];
    for (let part = parser.next(); part !== 'more'; part = parser.next())
      parts.push(part === 'body' ? bytes.toString('latin1', parser.bodyFrom, parser.bodyTo) : part);
    assert.deepEqual(parts, ['head', 'abc'.repeat(100), 'end']);
  });
});

function singly(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

function mayBeUsedAgain(text: string, method = 'GET'): boolean {
  return readByUs([Buffer.from(text)], { method, closes: true }).persists;
}

/** An answer whose head has so many bytes. */
function head(bytes: number): string {
  const rest = `HTTP/1.1 200 OK\r\nX-A: \r\n${ok}`;
  return `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(bytes - rest.length + 2)}\r\n${ok}`;
}
