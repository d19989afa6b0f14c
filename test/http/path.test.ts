import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseTarget } from '../../src/http/path.ts';

function pathOf(raw: string): string {
  const target = parseTarget(raw);
  return typeof target === 'string' ? target : target.path;
}

describe('parseTarget()', () => {
  it('splits path and query and leaves the query byte for byte', () => {
    assert.deepEqual(parseTarget('/a/b?x=%2f&y=../..&&=?\\\u00ff'), { path: '/a/b', query: '?x=%2f&y=../..&&=?\\\u00ff' });
    assert.deepEqual(parseTarget('/?'), { path: '/', query: '?' });
    assert.deepEqual(parseTarget('/'), { path: '/', query: '' });
  });

  it('resolves dot segments, escaped ones too', () => {
    const cases = {
      '/a/./b': '/a/b',
      '/a/../b': '/b',
      '/a/..': '/',
      '/a/.': '/a/',
      '/a/b/..': '/a/',
      '/..': '/',
      '/../../a': '/a',
      '/.': '/',
      '/a/%2e%2E/b': '/b',
      '/a/.%2e/b': '/b',
      '/a//../b': '/a/b',
      '/.a/..b/...': '/.a/..b/...',
      '/.well-known/x': '/.well-known/x',
      '/a/..;/b': '/a/..;/b',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(cases).map((raw) => [raw, pathOf(raw)])), cases);
  });

  it('merges slashes and keeps one at the end', () => {
    const cases = { '//': '/', '//a///b//': '/a/b/', '/a/': '/a/', '/a//.//b': '/a/b', '//../a': '/a' };
    assert.deepEqual(Object.fromEntries(Object.keys(cases).map((raw) => [raw, pathOf(raw)])), cases);
  });

  it('decodes escapes of unreserved characters, and keeps the others in upper case', () => {
    const cases = {
      '/%41%7a%2D%5f%7E%30': '/Az-_~0',
      '/%20%3a%25%3B%23': '/%20%3A%25%3B%23',
      '/caf%c3%a9': '/caf%C3%A9',
      '/%ff%fE': '/%FF%FE',
      '/%252e%252e/x': '/%252e%252e/x',
      '/a;b=c,d:e@f!$&\'()*+="<>|^`{}[]': '/a;b=c,d:e@f!$&\'()*+="<>|^`{}[]',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(cases).map((raw) => [raw, pathOf(raw)])), cases);
  });

  it('refuses escaped slashes and backslashes', () => {
    for (const raw of ['/a%2fb', '/a%2Fb', '/a%5cb', '/%5C', '/..%2fadmin']) assert.equal(parseTarget(raw), 'path-escaped-slash', raw);
  });

  it('refuses control characters, raw or escaped, backslashes, fragments, broken escapes and bytes outside ASCII', () => {
    const invalid = [
      ['/%00', '/%0a', '/%0D', '/%1f', '/%7f', '/a%', '/a%4', '/a%zz', '/%%41', '/a%4%31', '/%u0041', '/%2f%00', '/%00%2f'],
      ['/a\0', '/a\n', '/a b', '/a\u007f', '/a\\b', '/a#b', '/a#b?c', '/\u00e9', '/\u2028', '/a?b#c'],
    ].flat();
    assert.deepEqual(
      invalid.filter((raw) => parseTarget(raw) !== 'path-invalid'),
      [],
    );
  });

  it('refuses targets that are no path, and queries with white space, controls or characters no byte holds', () => {
    const invalid = ['', '*', 'a', '?x', 'http://a/', 'a.example:443', '/?a b', '/?a\n', '/?\u007f', '/?\u0100', '/?\0'];
    assert.deepEqual(
      invalid.filter((raw) => parseTarget(raw) !== 'target-invalid'),
      [],
    );
  });

  it('gives a path that is read as itself and has nothing left to resolve', () => {
    const piece = fc.constantFrom('/', '.', '..', '%2e', '%2E', '%25', '2e', '%41', 'a', ';', '%c3', '//', '%7e', '~', '%2f', '\\');
    const raw = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
      fc.string().map((text) => `/${text}`),
    );
    fc.assert(
      fc.property(raw, (text) => {
        const target = parseTarget(text);
        if (typeof target === 'string') return;
        assert.deepEqual(parseTarget(target.path), { path: target.path, query: '' });
        assert.match(target.path, /^\/(?!\/)/);
        assert.doesNotMatch(target.path, /\/\/|\/\.\.?(?:\/|$)|%[0-9a-f]?[a-f]|%2[eEfF]|%5C|\\/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('sees the same path as the URL standard where both read one', () => {
    const segment = fc.constantFrom('a', '.', '..', 'b.c', '%20', 'a;b', '...');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const raw = `/${segments.join('/')}`;
        assert.equal(pathOf(raw), new URL(raw, 'https://a.example').pathname);
      }),
    );
  });

  it('reads a long target in one linear scan', () => {
    const startedAt = performance.now();
    for (const raw of [`/${'a/'.repeat(50_000)}!\\`, `/${'../'.repeat(30_000)}`, `/${'%41'.repeat(30_000)}`, '/'.repeat(100_000)])
      parseTarget(raw);
    assert.ok(performance.now() - startedAt < 1_000);
  });
});
