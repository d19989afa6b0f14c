import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusePathText } from '../../src/config/path-text.ts';

describe('refusePathText()', () => {
  it('takes every path that a request may have', () => {
    const paths = ['/', '/a', '/a/', '//', '/a;b=c', '/%20', '/%2f', '/.well-known', '/...', '/a..b', "/!$&'()*+,=:@~_-"];
    assert.deepEqual(
      paths.filter((path) => refusePathText(path) !== undefined),
      [],
    );
  });

  it('refuses what breaks out of a path', () => {
    const paths = [
      '',
      'a',
      'http://a',
      '/a b',
      '/a\r\nX: y',
      '/ä',
      '/#',
      '/\\',
      '/%',
      '/%zz',
      '/\u0000',
      '/?',
      '/..',
      '/./a',
      '/a/%2e%2E/b',
    ];
    assert.deepEqual(
      paths.filter((path) => refusePathText(path) === undefined),
      [],
    );
  });

  it('takes a query only where one may stand', () => {
    assert.deepEqual(
      ['/a?b=c', '/../a?b', '/a?b=/../c'].map((path) => refusePathText(path, { query: true })),
      [undefined, 'must not hold . or .. as a part of the path', undefined],
    );
  });
});
