import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteEntry } from '../../src/route/route-table.ts';
import { buildRouteTable, matchRoute } from '../../src/route/route-table.ts';
import { authority, canonicalPath, entry, table } from './example-table.ts';

function match(entries: readonly RouteEntry<string>[], url: string): string | undefined {
  const slash = url.indexOf('/');
  return matchRoute(table(entries), authority(url.slice(0, slash)), canonicalPath(url.slice(slash)));
}

function matchesWhole(regex: string, path: string): boolean {
  return match([entry('a.example', { regex })], `a.example${path}`) !== undefined;
}

describe('matchRoute()', () => {
  it('takes the first route of the host in configuration order, however specific a later one is', () => {
    const routes = [entry('a.example', { prefix: '/x' }), entry('a.example', { path: '/x/y' }), entry('a.example')];
    assert.deepEqual(
      ['/x/y', '/xy', '/z'].map((path) => match(routes, `a.example${path}`)),
      ['a.example /x', 'a.example /x', 'a.example'],
    );
  });

  it('lets an exact host win over a wildcard that stands before it', () => {
    assert.equal(match([entry('*.example'), entry('a.example')], 'a.example/'), 'a.example');
  });

  it('tries no wildcard when a route names the host and its path does not fit', () => {
    assert.equal(match([entry('a.example', { prefix: '/x' }), entry('*.example')], 'a.example/y'), undefined);
  });

  it('takes wildcard routes in configuration order, whatever their patterns', () => {
    const routes = [entry('*.a.example', { prefix: '/x' }), entry('*.example'), entry('*.a.example')];
    assert.deepEqual(
      ['b.a.example/x', 'b.a.example/y', 'c.example/'].map((url) => match(routes, url)),
      ['*.a.example /x', '*.example', '*.example'],
    );
  });

  it('lets a wildcard cross dots, stand for nothing, and stand inside a label, but needs the dot that is written', () => {
    assert.equal(match([entry('*.example.com')], 'a.b.example.com/'), '*.example.com');
    assert.equal(match([entry('*.example.com')], 'example.com/'), undefined);
    assert.equal(match([entry('*-foo.example.com')], 'a.b-foo.example.com/'), '*-foo.example.com');
    assert.equal(match([entry('a*.example.com')], 'a.example.com/'), 'a*.example.com');
    assert.equal(match([entry('a*.example.com')], 'ab.c.example.com/'), 'a*.example.com');
    assert.equal(match([entry('*.a*.example')], 'x.y.ab.c.example/'), '*.a*.example');
    assert.equal(match([entry('*.example.com')], 'example.com.evil.test/'), undefined);
    assert.equal(match([entry('*')], 'anything.example/'), '*');
  });

  it('compares hosts without case and without the trailing dot', () => {
    assert.equal(match([entry('App.Example')], 'aPP.example./'), 'App.Example');
  });

  it('serves a host without a port on every port, and 443 is as good as none', () => {
    for (const from of ['a.example', 'a.example:443'])
      for (const host of ['a.example', 'a.example:443', 'a.example:8443']) assert.equal(match([entry(from)], `${host}/`), from);
  });

  it('prefers a route that names the port, and then looks at no other port', () => {
    const routes = [entry('a.example'), entry('a.example:8443', { prefix: '/x' })];
    assert.deepEqual(
      ['a.example:8443/x', 'a.example:8443/y', 'a.example/x', 'a.example:9443/x'].map((url) => match(routes, url)),
      ['a.example:8443 /x', undefined, 'a.example', 'a.example'],
    );
  });

  it('prefers a named port among wildcards too', () => {
    const routes = [entry('*.example'), entry('*.a.example:8443')];
    assert.equal(match(routes, 'b.a.example:8443/'), '*.a.example:8443');
    assert.equal(match(routes, 'b.a.example/'), '*.example');
  });

  it('serves a host with another port on that port only, and leaves every other port of it to the wildcards', () => {
    const ported = entry('a.example:8443', { prefix: '/x' });
    assert.deepEqual(
      ['a.example:8443/x', 'a.example:8443/y', 'a.example:9443/x', 'a.example/x'].map((url) => match([entry('*.example'), ported], url)),
      ['a.example:8443 /x', undefined, '*.example', '*.example'],
    );
    assert.equal(match([ported], 'a.example/x'), undefined);
  });

  it('reads a prefix as plain characters, not as segments', () => {
    assert.equal(match([entry('a.example', { prefix: '/admin' })], 'a.example/administration'), 'a.example /admin');
    assert.equal(match([entry('a.example', { prefix: '/admin/' })], 'a.example/admin'), undefined);
    assert.equal(match([entry('a.example', { prefix: '' })], 'a.example/admin'), 'a.example');
  });

  it('reads a path as the whole path', () => {
    assert.deepEqual(
      ['/a', '/a/', '/ab', '/A'].map((path) => match([entry('a.example', { path: '/a' })], `a.example${path}`)),
      ['a.example /a', undefined, undefined, undefined],
    );
  });

  it('holds a regular expression against the whole path', () => {
    assert.deepEqual(
      [
        matchesWhole('/a', '/ab'),
        matchesWhole('/a|/ab', '/ab'),
        matchesWhole('^/a$', '/a'),
        matchesWhole('/[0-9]+/x', '/12/x'),
        matchesWhole('a', '/a'),
        matchesWhole('(?i)/A', '/a'),
      ],
      [false, true, true, true, false, true],
    );
  });

  it('keeps configuration order between expressions, paths and prefixes', () => {
    const routes = [
      entry('a.example', { regex: '/x/[0-9]+' }),
      entry('a.example', { path: '/x/1' }),
      entry('a.example', { path: '/y' }),
      entry('a.example', { regex: '/.*' }),
      entry('a.example', { prefix: '/' }),
    ];
    assert.deepEqual(
      ['/x/1', '/y', '/z'].map((path) => match(routes, `a.example${path}`)),
      ['a.example /x/[0-9]+', 'a.example /y', 'a.example /.*'],
    );
  });

  it('knows IPv6 literals', () => {
    assert.equal(match([entry('[2001:db8::1]')], '[2001:DB8:0::1]:8443/'), '[2001:db8::1]');
    const routes = [entry('*'), entry('[2001:db8::1]:8443')];
    assert.deepEqual(
      ['[2001:db8:0:0::1]:8443/', '[2001:db8::1]/', '[2001:db8::2]:8443/'].map((url) => match(routes, url)),
      ['[2001:db8::1]:8443', '*', '*'],
    );
  });

  it('finds nothing in an empty table', () => {
    assert.equal(match([], 'a.example/'), undefined);
  });

  it('is not slowed down by an expression that backtracking would explode on', () => {
    const routes = [entry('a.example', { regex: '(/a+)+' })];
    const startedAt = performance.now();
    assert.equal(match(routes, `a.example/${'a'.repeat(2_000)}!`), undefined);
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe('buildRouteTable()', () => {
  it('tells every expression that RE2 can not read, with the place of its route', () => {
    const build = buildRouteTable([
      entry('a.example', { regex: '(' }),
      entry('a.example', { regex: '/ok' }),
      entry('a.example', { regex: '(?=a)' }),
      entry('a.example', { regex: '(a)\\1' }),
      entry('a.example', { regex: '(a{1000}){1000}' }),
    ]);
    assert.ok(!build.ok);
    assert.deepEqual(
      build.problems.map(({ index, message }) => [index, message.replace(/; write an RE2 expression for the whole path$/, '')]),
      [
        [0, 'cannot read regex "(": missing closing ): `(`'],
        [2, 'cannot read regex "(?=a)": invalid or unsupported Perl syntax: `(?=`'],
        [3, 'cannot read regex "(a)\\\\1": invalid escape sequence: `\\1`'],
        [4, 'cannot read regex "(a{1000}){1000}": invalid repeat count: `{1000}`'],
      ],
    );
  });
});
