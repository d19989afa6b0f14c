import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestText } from '../../../src/upstream/transports/request-text.ts';
import { bodilessRequest } from './bodiless-request.ts';

describe('requestText()', () => {
  it('is a head with one Host in front, the connection behind it, and the fields as they are', () => {
    const headers = ['Accept', '*/*', 'Host', 'app.example', 'X-A', '', 'x-b', '\xe9\t'];
    assert.equal(
      requestText(bodilessRequest({ path: '/a?b=%2f', headers }), true),
      'GET /a?b=%2f HTTP/1.1\r\nhost: app.example\r\nconnection: keep-alive\r\nAccept: */*\r\nX-A: \r\nx-b: \xe9\t\r\n\r\n',
    );
    assert.match(
      requestText(bodilessRequest({ method: 'HEAD' }), false) ?? '',
      /^HEAD \/ HTTP\/1\.1\r\nhost: up\r\nconnection: close\r\n\r\n$/,
    );
  });

  it('says that there is no body where one would be expected, and only there', () => {
    assert.deepEqual(['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'].map(lengthOf), [
      undefined,
      undefined,
      undefined,
      'content-length: 0',
      'content-length: 0',
      'content-length: 0',
    ]);
  });

  const unsendable: Readonly<Record<string, Parameters<typeof bodilessRequest>[0]>> = {
    'a line break in the target': { path: '/a\r\nX: y' },
    'a space in the target': { path: '/a b' },
    'NUL in the target': { path: '/a\0' },
    'a character in the target that becomes a line feed as a byte': { path: '/a\u010a' },
    'a target that is no path': { path: 'http://other/' },
    'an empty target': { path: '' },
    'a line break in the method': { method: 'GET / HTTP/1.1\r\n\r\nGET' },
    'a space in the method': { method: 'GET /' },
    CONNECT: { method: 'CONNECT' },
    'a line break in a value': { headers: ['Host', 'up', 'X-A', 'b\r\nX-B: c'] },
    'a line feed in a value': { headers: ['Host', 'up', 'X-A', 'b\n'] },
    'a carriage return in a value': { headers: ['Host', 'up', 'X-A', 'b\r'] },
    'NUL in a value': { headers: ['Host', 'up', 'X-A', 'b\0'] },
    'a character in a value that becomes a line feed as a byte': { headers: ['Host', 'up', 'X-A', 'b\u010a'] },
    'a line break in a name': { headers: ['Host', 'up', 'X-A: b\r\nX-B', 'c'] },
    'an empty name': { headers: ['Host', 'up', '', 'c'] },
    'a line break in the host': { headers: ['Host', 'up\r\nX-A: b'] },
    'no host': { headers: ['X-A', 'b'] },
    'two hosts': { headers: ['Host', 'up', 'host', 'other'] },
    'a coding': { headers: ['Host', 'up', 'Transfer-Encoding', 'chunked'] },
    'an option of the connection': { headers: ['Host', 'up', 'connection', 'upgrade'] },
  };
  for (const [what, given] of Object.entries(unsendable)) {
    it(`is nothing where it would not be one request: ${what}`, () => {
      // What is judged once is remembered, and stays judged.
      for (let turn = 0; turn < 2; turn += 1) assert.equal(requestText(bodilessRequest(given), true), undefined);
    });
  }

  it('remembers names without end', () => {
    for (let index = 0; index < 2_000; index += 1) {
      const name = `X-${index}${'x'.repeat(index % 100)}`;
      assert.match(requestText(bodilessRequest({ headers: ['Host', 'up', name, 'y'] }), true) ?? '', new RegExp(`\r\n${name}: y\r\n`));
    }
  });
});

function lengthOf(method: string): string | undefined {
  const text = requestText(bodilessRequest({ method, headers: ['Host', 'up', 'Content-Length', '0'] }), true) ?? '';
  return /content-length: .*/i.exec(text)?.[0];
}
