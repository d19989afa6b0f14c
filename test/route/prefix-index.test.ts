import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { buildPrefixIndex } from '../../src/route/prefix-index.ts';

function index(prefixes: readonly string[]): (path: string) => string | undefined {
  const built = buildPrefixIndex(prefixes.map((prefix, order) => ({ prefix, entry: { order, prefix } })));
  return (path) => built.first(path)?.prefix;
}

describe('buildPrefixIndex()', () => {
  it('finds the prefix registered first, not the longest', () => {
    const first = index(['/a/b', '/a', '/a/b/c', '/']);
    assert.deepEqual(['/a/b/c/d', '/a/x', '/x', ''].map(first), ['/a/b', '/a', '/', undefined]);
  });

  it('finds a prefix behind greater ones that do not fit', () => {
    const first = index(['/a', '/ab/x', '/ab/y', '/ac']);
    assert.deepEqual(['/ab/z', '/ab/xx', '/ad', '/b'].map(first), ['/a', '/a', '/a', undefined]);
  });

  it('finds what a scan finds, whatever the characters', () => {
    const text = fc.oneof(fc.string({ unit: fc.constantFrom('/', 'a', 'b', '\uffff', '~') }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (prefixes, paths) => {
        const first = index(prefixes);
        for (const path of [...paths, ...prefixes])
          assert.equal(
            first(path),
            prefixes.find((prefix) => path.startsWith(prefix)),
          );
      }),
    );
  });
});
