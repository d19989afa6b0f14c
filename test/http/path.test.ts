import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { EscapedSlashes } from '../../src/http/inbound-rules.ts';
import { defaultInboundRules } from '../../src/http/inbound-rules.ts';
import type { PathRules } from '../../src/http/path.ts';
import { parseTarget } from '../../src/http/path.ts';

function pathOf(raw: string, rules: Partial<PathRules> = {}): string {
  const target = parseTarget(raw, { ...defaultInboundRules, ...rules });
  return typeof target === 'string' ? target : target.path;
}

/** What becomes of each key, to be compared with the whole table. */
function pathsOf(cases: Readonly<Record<string, string>>, rules: Partial<PathRules>): Record<string, string> {
  return Object.fromEntries(Object.keys(cases).map((raw) => [raw, pathOf(raw, rules)]));
}

const actions: readonly EscapedSlashes[] = ['reject_request', 'keep_unchanged', 'unescape_and_redirect', 'unescape_and_forward'];
const ruleSets: readonly PathRules[] = actions.flatMap((escapedSlashes) => [
  { mergeSlashes: true, escapedSlashes },
  { mergeSlashes: false, escapedSlashes },
]);

const piece = fc.constantFrom(
  '/',
  '.',
  '..',
  '%2e',
  '%2E',
  '%25',
  '2e',
  '%41',
  'a',
  ';',
  '%c3',
  '//',
  '%7e',
  '~',
  '%2f',
  '%2F',
  '%5c',
  '%5C',
  '\\',
);
const anyTarget = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
  fc.string().map((text) => `/${text}`),
);

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

  it('refuses them as well where a redirect unescapes them', () => {
    for (const raw of ['/a%2fb', '/%5C', '/..%2fadmin'])
      assert.equal(pathOf(raw, { escapedSlashes: 'unescape_and_redirect' }), 'path-escaped-slash');
  });

  it('keeps escaped slashes in upper case where they are data, but not beside dot segments', () => {
    const cases = {
      '/a%2fb%5cc': '/a%2Fb%5Cc',
      '/queues/%2F/name': '/queues/%2F/name',
      '/fetch/https%3a%2f%2fx.example%2f': '/fetch/https%3A%2F%2Fx.example%2F',
      '/%2f%2fevil.example': '/%2F%2Fevil.example',
      '/a%2Fb/../c': '/c',
      '/a%2f.b': '/a%2F.b',
      '/a%2f...%2fb': '/a%2F...%2Fb',
      '/%252e%252e%252fb': '/%252e%252e%252fb',
      '/a/..%2fadmin': 'path-escaped-slash',
      '/a%2f..': 'path-escaped-slash',
      '/a%2f.': 'path-escaped-slash',
      '/.%2fadmin': 'path-escaped-slash',
      '/a%2f%2e%2E%2Fadmin': 'path-escaped-slash',
      '/a%5c..%5cadmin': 'path-escaped-slash',
      '/a/.%2e%5cadmin': 'path-escaped-slash',
      '/a%2f../b': 'path-escaped-slash',
      '/a%2f%00': 'path-invalid',
      '/a\\b%2fc': 'path-invalid',
    };
    assert.deepEqual(pathsOf(cases, { escapedSlashes: 'keep_unchanged' }), cases);
  });

  it('reads escaped slashes as slashes before anything is resolved, where it unescapes them', () => {
    const cases = {
      '/a%2fb%5Cc': '/a/b/c',
      '/a%2f%2fb': '/a/b',
      '/public/..%2fadmin': '/admin',
      '/public%2f..%2fadmin': '/admin',
      '/public/%2e%2e%2fadmin': '/admin',
      '/public%5c%2E.%5cadmin': '/admin',
      '/public/.%2e%5c.%2f%2fadmin%2f': '/admin/',
      '/%2f%2fevil.example': '/evil.example',
      '/%5cevil.example': '/evil.example',
      '/%2e%2e%2f%2e%2e%2f%2fevil.example': '/evil.example',
      '/a%2f..': '/',
      '/a%2f.': '/a/',
      '/%252f..%252fadmin': '/%252f..%252fadmin',
      '/public/..%255cadmin': '/public/..%255cadmin',
      '/a%2f%00': 'path-invalid',
      '/a\\b%2fc': 'path-invalid',
    };
    assert.deepEqual(pathsOf(cases, { escapedSlashes: 'unescape_and_forward' }), cases);
  });

  it('leaves slashes as they are where nobody merges them, but never two at the start', () => {
    const cases = {
      '/a//b///c//': '/a//b///c//',
      '/a//../b': '/a/b',
      '/a//./b': '/a//b',
      '//evil.example/x': '/evil.example/x',
      '///..//evil.example': '/evil.example',
      '/a/..//evil.example': '/evil.example',
      '//': '/',
    };
    assert.deepEqual(pathsOf(cases, { mergeSlashes: false }), cases);
    assert.equal(pathOf('/%2f%2fevil.example%2f%2fx', { mergeSlashes: false, escapedSlashes: 'unescape_and_forward' }), '/evil.example//x');
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
    for (const rules of ruleSets) {
      fc.assert(
        fc.property(anyTarget, (text) => {
          const target = parseTarget(text, rules);
          if (typeof target === 'string') return;
          assert.deepEqual(parseTarget(target.path, rules), { path: target.path, query: '' });
          assert.match(target.path, /^\/(?!\/)/);
          assert.doesNotMatch(target.path, /\/\.\.?(?:\/|$)|%[0-9a-f]?[a-f]|%2[eE]|\\/);
          if (rules.mergeSlashes) assert.doesNotMatch(target.path, /\/\//);
          if (rules.escapedSlashes !== 'keep_unchanged') assert.doesNotMatch(target.path, /%2F|%5C/);
        }),
        { numRuns: 2_000 },
      );
    }
  });

  it('lets no dot segment through, not even between slashes that only an upstream unescapes', () => {
    for (const rules of ruleSets) {
      fc.assert(
        fc.property(anyTarget, (text) => {
          const target = parseTarget(text, rules);
          if (typeof target === 'string') return;
          const segments = target.path.split(/\/|%2f|%5c|\\/i);
          assert.deepEqual(
            segments.filter((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)),
            [],
          );
        }),
        { numRuns: 2_000 },
      );
    }
  });

  it('agrees under every rule set on what holds no slash to disagree about', () => {
    fc.assert(
      fc.property(anyTarget, (text) => {
        if (/%2f|%5c|\/\//i.test(text)) return;
        const readings = ruleSets.map((rules) => parseTarget(text, rules));
        // Resolving may bring two slashes together; merged or not is then the rule's business.
        const merged = readings.map((reading) => (typeof reading === 'string' ? reading : reading.path.replaceAll(/\/{2,}/g, '/')));
        assert.equal(new Set(merged).size, 1);
      }),
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
