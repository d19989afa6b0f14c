import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultLimits } from '../../src/listener/listener-limits.ts';
import type { SimpleHead } from '../../src/listener/simple-head.ts';
import { SimpleHeadReader } from '../../src/listener/simple-head.ts';

const host = 'Host: plain.test\r\n';

function read(text: string, limits: Partial<typeof defaultLimits> = {}): SimpleHead | undefined {
  return new SimpleHeadReader({ ...defaultLimits, ...limits }).read(Buffer.from(text, 'latin1'));
}

describe('SimpleHeadReader', () => {
  it('reads a request as it stands on the wire, with Host taken out and counted', () => {
    assert.deepEqual(
      read('DELETE /a/../b?c=%2f HTTP/1.1\r\nX-b: 1\r\nhOST:\tPlain.test \r\nx-B:\r\nCookie: a=b; c=d\t\r\nX: caf\xe9 \t x\r\n\r\n'),
      {
        method: 'DELETE',
        rawTarget: '/a/../b?c=%2f',
        fields: {
          rawAuthority: 'Plain.test',
          authorityCount: 1,
          headers: ['X-b', '1', 'x-B', '', 'Cookie', 'a=b; c=d', 'X', 'caf\xe9 \t x'],
          closes: false,
        },
      },
    );
  });

  it('keeps the first of two hosts and counts both, and knows the last request of a connection', () => {
    const fields = read('GET / HTTP/1.1\r\nHost: a.test\r\nhost: b.test\r\nconnection: Close\r\n\r\n')?.fields;
    assert.deepEqual(fields, { rawAuthority: 'a.test', authorityCount: 2, headers: ['connection', 'Close'], closes: true });
    assert.equal(read(`GET / HTTP/1.1\r\n${host}Connection: Keep-Alive\r\n\r\n`)?.fields.closes, false);
    assert.equal(read('GET / HTTP/1.1\r\nX: y\r\n\r\n')?.fields.rawAuthority, undefined);
  });

  it('leaves to the parser whatever could be read in two ways, or announces more than a head', () => {
    const lines = (...fields: string[]) => `GET / HTTP/1.1\r\n${host}${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
    const others = [
      '',
      '\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      `GET / HTTP/1.1\r\n${host}`,
      `GET / HTTP/1.1\r\n${host}\r`,
      `${lines()}${lines()}`,
      `${lines()}\r\n`,
      `\r\n${lines()}`,
      `${lines()}x`,
      lines().replaceAll('\r\n', '\n'),
      lines().replace('\r\n', '\n'),
      lines().replace('1.1', '1.0'),
      lines().replace('HTTP/1.1', 'HTTP/1.1 '),
      lines().replace('HTTP/1.1', ' HTTP/1.1'),
      lines().replace('HTTP', 'http'),
      lines().replace('GET', 'get'),
      lines().replace('GET', 'GETS'),
      lines().replace('GET', 'POST'),
      lines().replace('GET', 'PUT'),
      lines().replace('GET', 'TRACE'),
      lines().replace('GET', 'CONNECT'),
      lines().replace('/', '*'),
      lines().replace('/', 'plain.test:443'),
      lines().replace('/', 'http://plain.test/'),
      lines().replace('/', '/a b'),
      lines().replace('/', '/a#b'),
      lines().replace('/', '/\xe9'),
      lines().replace('/', '/\x7f'),
      lines().replace('/', '/\t'),
      lines('X: a', ' b'),
      lines('X: a', '\tb'),
      lines('X : a'),
      lines('X\t: a'),
      lines(': a'),
      lines('X'),
      lines('X\xe9: a'),
      lines('X: a\0b'),
      lines('X: a\rb'),
      lines('X: a\nb'),
      lines('X: a\x7fb'),
      lines('X: a\x1bb'),
      ...['Content-Length: 0', 'Content-Length: 5', 'content-length:\t5', 'Transfer-Encoding: chunked', 'transfer-encoding: identity'].map(
        (field) => lines(field),
      ),
      ...['Expect: 100-continue', 'TE: trailers', 'Trailer: X', 'Upgrade: h2c', 'HTTP2-Settings: AA', 'Proxy-Connection: keep-alive'].map(
        (field) => lines(field),
      ),
      ...['Connection: upgrade', 'Connection: keep-alive, x', 'Connection: TE', 'Connection:'].map((field) => lines(field)),
      lines('Connection: keep-alive', 'Connection: close'),
    ];
    assert.deepEqual(
      others.filter((text) => read(text) !== undefined),
      [],
    );
  });

  it('leaves what is near the limits to the parser, which knows how they are counted', () => {
    const text = `GET / HTTP/1.1\r\n${host}X: y\r\n\r\n`;
    assert.notEqual(read(text, { headBytes: text.length + 1, headFields: 2 }), undefined);
    assert.equal(read(text, { headBytes: text.length }), undefined);
    assert.equal(read(text, { headFields: 1 }), undefined);
    assert.equal(read(`GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`), undefined);
  });

  it('reads the same fields once on a connection, and never takes them for others', () => {
    const reader = new SimpleHeadReader(defaultLimits);
    const ask = (text: string) => reader.read(Buffer.from(text, 'latin1'));
    const first = ask(`GET /1 HTTP/1.1\r\n${host}X: y\r\n\r\n`);
    const second = ask(`HEAD /2 HTTP/1.1\r\n${host}X: y\r\n\r\n`);
    assert.equal(second?.fields, first?.fields);
    assert.deepEqual([second?.method, second?.rawTarget], ['HEAD', '/2']);
    assert.deepEqual(ask(`GET /3 HTTP/1.1\r\n${host}X: z\r\n\r\n`)?.fields.headers, ['X', 'z']);
    assert.equal(ask(`GET /3 HTTP/1.1\r\n${host}X: y\r\n`), undefined);
    assert.equal(ask(`GET /3 HTTP/1.1\r\n${host}Te: y\r\n\r\n`), undefined);
    assert.equal(ask(`GET /3 HTTP/1.1\r\n${host}Te: y\r\n\r\n`), undefined);
    const long = `GET / HTTP/1.1\r\n${host}X: ${'y'.repeat(5_000)}\r\n\r\n`;
    assert.notEqual(ask(long)?.fields, ask(long)?.fields);
  });
});
