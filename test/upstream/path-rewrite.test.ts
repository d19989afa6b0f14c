import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { PathMatcherSettings } from '../../src/config/settings.ts';
import { parseTarget } from '../../src/http/path.ts';
import { compilePathRewrite } from '../../src/upstream/path-rewrite.ts';
import { inboundOf } from './example-request.ts';

const place = ['routes', 0, 'prefix_rewrite'];
const any: PathMatcherSettings = { kind: 'any' };
const refused = 'refused';

describe('compilePathRewrite(): a prefix', () => {
  it('replaces what `prefix` matched, text for text', () => {
    const cases: readonly (readonly [prefix: string | undefined, replacement: string, path: string, sent: string])[] = [
      ['/app/', '/', '/app/y', '/y'],
      ['/app', '/', '/app', '/'],
      ['/app', '/base', '/app/y', '/base/y'],
      ['/app', '/base', '/apple', '/basele'],
      ['/app/', '/base', '/app/y', '/basey'],
      [undefined, '/base/', '/y', '/base/y'],
      // As in Pomerium: the slash is what is replaced.
      [undefined, '/base', '/y', '/basey'],
      [undefined, '/base', '/', '/base'],
      ['/app', '/b%c3%a9%41', '/app/%c3', '/b%C3%A9A/%C3'],
    ];
    assert.deepEqual(
      cases.map(([prefix, replacement, path]) => rewrite(matching(prefix), replacement, path)),
      cases.map(([, , , sent]) => sent),
    );
  });

  it('makes one slash of the two at the seam', () => {
    assert.deepEqual(
      [
        rewrite(matching('/app'), '/', '/app/y'),
        rewrite(matching('/app'), '/base/', '/app/y'),
        rewrite(matching('/app'), '/', '/app//y', false),
        rewrite(matching('/app'), '/base/', '/app//y', false),
        rewrite(matching('/app'), '/a//b', '/app/y', false),
      ],
      ['/y', '/base/y', '/y', '/base//y', '/a//b/y'],
    );
  });

  it('replaces the whole path where a path or an expression was matched', () => {
    const regex: PathMatcherSettings = { kind: 'regex', regex: '/a.*', place };
    assert.deepEqual([rewrite({ kind: 'path', path: '/a' }, '/b', '/a'), rewrite(regex, '/b', '/a/c')], ['/b', '/b']);
  });

  it('refuses what would lead out of the place the route leads to', () => {
    const cases: readonly (readonly [prefix: string | undefined, replacement: string, path: string])[] = [
      ['/app', '/base/', '/app../x'],
      ['/app', '/base/', '/app..'],
      ['/app', '/base/', '/app./x'],
      ['/app', '/base/.', '/app./x'],
      ['/app', '/base/.', '/app/x'],
      ['/app', '/base/.', '/app'],
      ['/app', '/base/%2e', '/app./x'],
      ['/app.', '/', '/app...'],
      ['/app', '/base%2f', '/app../x'],
      ['/app', '/base%5c', '/app..'],
      ['/app', '/base/', '/app..%2Fx'],
    ];
    assert.deepEqual(
      cases.map(([prefix, replacement, path]) => rewrite(matching(prefix), replacement, path)),
      cases.map(() => refused),
    );
    assert.equal(rewrite(matching('/app'), '/base', '/app../x'), '/base../x');
  });
});

describe('compilePathRewrite(): an expression', () => {
  it('replaces what it matches', () => {
    assert.deepEqual(
      [
        substitute('^/user/([^/]+)/files', String.raw`/files/\1`, '/user/alice/files/x'),
        substitute('/v1', '/v2', '/a/v1/v1'),
        substitute('^/old', '/new', '/other'),
        substitute('a', '$', '/a'),
      ],
      ['/files/alice/x', '/a/v2/v2', '/other', '/$'],
    );
  });

  it('refuses what is no path, and what would be read as another one', () => {
    const cases = [
      ['^/', '', '/x'],
      ['.*', '', '/x'],
      ['%2F', '/../', '/a%2Fb'],
      ['^/a/(.*)$', String.raw`/\1`, '/a/%252e%252e/x'],
      ['%25', '%', '/%252e%252e/x'],
      ['%25', '%', '/a%250ab'],
      ['%25', '%', '/%25'],
      ['%3F', '%', '/a%3Fb'],
      ['x', String.raw`\\`, '/x'],
      ['/', '', '/.././x'],
      ['-', '', '/a/.-./x'],
    ] as const;
    assert.deepEqual(
      cases.map(([pattern, substitution, path]) => substitute(pattern, substitution, path)),
      [refused, refused, refused, '/%252e%252e/x', refused, refused, refused, refused, refused, refused, refused],
    );
  });

  it('tells of a substitution that no path can hold', () => {
    for (const substitution of ['/a?b=1', '/a#b', '/a b', '/é', '/a\r\nX: y']) {
      const compiled = compilePathRewrite({ kind: 'regex', pattern: 'x', substitution, place }, any, { mergeSlashes: true });
      assert.match(compiled.ok ? '' : compiled.message, /holds a character that no path can carry$/);
    }
  });
});

describe('compilePathRewrite(): any path', () => {
  const pieces = ['/', '/a', 'a', '.', '..', '/..', '%2F', '%5C', '%2e', '%25', '2e', '//', '%41', '-', ';', '\\', '?', '%0a', '%'];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
  const path = text.map((rest) => inboundPath(`/${rest}`));

  it('comes out canonical and below the place it is rewritten to, or not at all', () => {
    const base = fc.constantFrom('/base', '/base/', '/base/.', '/base/a');
    fc.assert(
      fc.property(path, base, fc.nat(6), fc.boolean(), (given, replacement, length, mergeSlashes) => {
        if (given === undefined) return;
        const rewritten = rewrite(matching(given.slice(0, Math.max(1, length))), replacement, given, mergeSlashes);
        if (rewritten === refused) return;
        assert.ok(rewritten.startsWith('/base'), rewritten);
        assert.deepEqual(parseTarget(rewritten, { mergeSlashes, escapedSlashes: 'keep_unchanged' }), { path: rewritten, query: '' });
      }),
    );
  });

  it('holds no dot segment, however an expression makes it', () => {
    fc.assert(
      fc.property(path, fc.constantFrom('%25', '-', '%2F', 'a', '/', ''), text, (given, pattern, substitution) => {
        if (given === undefined || /[\\?]/.test(substitution)) return;
        const rewritten = substitute(pattern, substitution, given);
        assert.doesNotMatch(rewritten, /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i);
        assert.match(rewritten, /^(?:refused|\/[\x21-\x7e]*)$/);
      }),
    );
  });
});

function matching(prefix: string | undefined): PathMatcherSettings {
  return prefix === undefined ? any : { kind: 'prefix', prefix };
}

function inboundPath(target: string): string | undefined {
  const read = parseTarget(target, { mergeSlashes: false, escapedSlashes: 'keep_unchanged' });
  return typeof read === 'string' ? undefined : read.path;
}

function rewrite(matcher: PathMatcherSettings, replacement: string, path: string, mergeSlashes = true): string {
  return applied(compilePathRewrite({ kind: 'prefix', replacement, place }, matcher, { mergeSlashes }), path);
}

function substitute(pattern: string, substitution: string, path: string): string {
  return applied(compilePathRewrite({ kind: 'regex', pattern, substitution, place }, any, { mergeSlashes: true }), path);
}

function applied(compiled: ReturnType<typeof compilePathRewrite>, path: string): string {
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.message);
  // What the listener would have refused is given all the same: no rewrite rests on it.
  return compiled.value({ ...inboundOf(), path: path as ReturnType<typeof inboundOf>['path'] }.path) ?? refused;
}
