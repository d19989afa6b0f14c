import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { explainRoutes } from '../../src/route/explain-routes.ts';
import type { RouteEntry } from '../../src/route/route-table.ts';
import { matchRoute } from '../../src/route/route-table.ts';
import type { WrittenMatcher } from './example-table.ts';
import { authority, canonicalPath, entry, table } from './example-table.ts';
import { readingOrder } from './reading-order.ts';

const routesOfTable = 2_000;
const requestsOfTable = 100;
const tablesOfRoutes = 10;

// Few letters, so that hosts are each other’s suffixes, prefixes nest, and wildcards and names meet.
const word = fc.constantFrom('a', 'b', 'ab', 'c');
const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join('.')}.test`);
const wildcard = fc.oneof(
  name.map((host) => `*.${host}`),
  name.map((host) => host.replace('a', 'a*')),
  fc.tuple(word, name).map(([label, host]) => `*-${label}.${host}`),
  fc.tuple(word, word).map(([one, other]) => `*${one}*.${other}.*`),
  fc.constant('*'),
);
const host = fc.oneof({ arbitrary: name, weight: 6 }, { arbitrary: wildcard, weight: 3 }, fc.constantFrom('[2001:db8::1]', '192.0.2.1'));
const port = fc.constantFrom('', '', '', '', ':443', ':8443', ':9443');
// Names that are registered with a port alone belong to the wildcards on every other port.
const ported = fc.tuple(name, fc.constantFrom(':8443', ':9443')).map((parts) => `p.${parts.join('')}`);
const from = fc.oneof({ arbitrary: fc.tuple(host, port).map((parts) => parts.join('')), weight: 5 }, ported);
const specifier = fc.array(fc.constantFrom('/', 'a', 'b', 'ab', '.x'), { maxLength: 5 }).map((parts) => `/a${parts.join('')}`);
const matcher: fc.Arbitrary<WrittenMatcher> = fc.oneof(
  { arbitrary: specifier.map((prefix) => ({ prefix })), weight: 4 },
  { arbitrary: specifier.map((path) => ({ path })), weight: 4 },
  { arbitrary: specifier.map((text) => ({ regex: `${text.replaceAll('.', '\\.')}[ab]?` })), weight: 1 },
  { arbitrary: specifier.map((text) => ({ regex: `${text}.*|/b` })), weight: 1 },
  { arbitrary: fc.constant({}), weight: 1 },
);
const route = fc.tuple(from, matcher);
type Written = readonly RouteEntry<string>[];

const exactly = (length: number) => ({ minLength: length, maxLength: length, size: 'max' }) as const;

/** Values that name the place as well, so that no two routes look alike. */
function number(pairs: readonly (readonly [from: string, matcher: WrittenMatcher])[]): Written {
  return pairs.map(([where, how], index) => ({ ...entry(where, how), value: `${index} ${where} ${JSON.stringify(how)}` }));
}

/** Nearly or just a match: the host and the path of some route, each as it is written there or a little beside it. */
const request = fc.record({
  likeHost: fc.nat(),
  filled: fc.constantFrom('', 'a', 'b.c', 'x-a'),
  port: fc.constantFrom(undefined, undefined, 'own', '443', '8443', '9443', '7'),
  spelt: fc.constantFrom('', '', '', '.', 'upper'),
  likePath: fc.nat(),
  path: fc.constantFrom('', '', '', 'longer', 'shorter', 'below', 'case'),
});
type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

function hostOf({ likeHost, filled, port: asked, spelt }: Request, written: Written): string {
  const like = written[likeHost % written.length];
  const filledIn = (like?.host ?? '')
    .replaceAll('*', filled)
    .replaceAll(/\.\.+/g, '.')
    .replace(/^[.-]+/, '');
  const hostname = filledIn === '' ? 'a.test' : filledIn;
  const own = like?.port === undefined ? '' : `:${like.port}`;
  const text = spelt === 'upper' ? hostname.toUpperCase() : hostname.endsWith(']') ? hostname : `${hostname.replace(/\.$/, '')}${spelt}`;
  return `${text}${asked === undefined ? '' : asked === 'own' ? own : `:${asked}`}`;
}

function pathOf({ likePath, path: how }: Request, written: Written): string {
  const like = written[likePath % written.length]?.matcher;
  const path = like?.kind === 'prefix' ? like.prefix : like?.kind === 'path' ? like.path : '/ab';
  switch (how) {
    case '':
      return path;
    case 'longer':
      return `${path}a`;
    case 'shorter':
      return path.length > 1 ? path.slice(0, -1) : path;
    case 'below':
      return `${path}/b`;
    case 'case':
      return path.toUpperCase();
  }
}

/** Puts the requests to the table, the scan and the explanation; answers how many of them found a route. */
function compare(written: Written, requests: readonly Request[]): number {
  const built = table(written);
  const scan = readingOrder(written);
  let found = 0;
  for (const each of requests) {
    const [asked, path] = [authority(hostOf(each, written)), canonicalPath(pathOf(each, written))];
    const expected = scan(asked, path);
    if (expected !== undefined) found += 1;
    const question = `${JSON.stringify(asked)} ${path}`;
    assert.equal(matchRoute(built, asked, path), expected, question);
    const explained = explainRoutes(built, asked, path).filter(({ outcome }) => outcome === 'matched');
    assert.deepEqual(
      explained.map(({ value }) => value),
      expected === undefined ? [] : [expected],
      question,
    );
  }
  return found;
}

describe('matchRoute() beside a scan in reading order', () => {
  it('finds what the scan finds in small tables, and explainRoutes() names the same one', () => {
    const tables = fc.array(route, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(tables, fc.array(request, { maxLength: 20 }), (pairs, requests) => void compare(number(pairs), requests)),
      { numRuns: 300 },
    );
  });

  it(`finds what the scan finds among ${routesOfTable} routes`, () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(route, exactly(routesOfTable)), fc.array(request, exactly(requestsOfTable)), (pairs, requests) => {
        found += compare(number(pairs), requests);
      }),
      // Shrinking such a table takes minutes; what is wrong shows in the small ones.
      { numRuns: tablesOfRoutes, endOnFailure: true },
    );
    // Neither is rare, or nothing was compared.
    const missed = tablesOfRoutes * requestsOfTable - found;
    assert.ok(Math.min(found, missed) > 50, `${found} found, ${missed} missed`);
  });

  it('loses a route for the reason that explainRoutes() tells: alone it matches where only others stood in its way', () => {
    fc.assert(
      fc.property(fc.array(route, { minLength: 1, maxLength: 40 }), request, (pairs, each) => {
        const written = number(pairs);
        const [asked, path] = [authority(hostOf(each, written)), canonicalPath(pathOf(each, written))];
        for (const [index, { outcome }] of explainRoutes(table(written), asked, path).entries()) {
          const alone = matchRoute(table(written.slice(index, index + 1)), asked, path) !== undefined;
          if (outcome === 'matched' || outcome === 'later') assert.equal(alone, true, outcome);
          if (outcome === 'host' || outcome === 'path') assert.equal(alone, false, outcome);
        }
      }),
      { numRuns: 300 },
    );
  });
});
