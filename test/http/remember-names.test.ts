import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rememberNames } from '../../src/http/remember-names.ts';

describe('rememberNames()', () => {
  it('judges a name once, as it is written', () => {
    const { judged, lengthOf } = counted();
    assert.deepEqual(['Accept', 'accept', 'Accept', 'Host'].map(lengthOf), [6, 6, 6, 4]);
    assert.deepEqual(judged, ['Accept', 'accept', 'Host']);
  });

  it('judges each time what is long, and what is no name', () => {
    const { judged, lengthOf } = counted();
    const odd = ['x'.repeat(65), 'a b', '', 'caf\u00e9', '\u0161'];
    for (const name of [...odd, ...odd]) lengthOf(name);
    assert.deepEqual(judged, [...odd, ...odd]);
  });

  it('says the same of every name, however many come', () => {
    const upper = rememberNames((name) => name.toUpperCase());
    for (let number = 0; number < 2_000; number += 1) assert.equal(upper(`x-${number}`), `X-${number}`);
    assert.equal(upper('x-0'), 'X-0');
  });
});

function counted(): { readonly judged: string[]; readonly lengthOf: (name: string) => number } {
  const judged: string[] = [];
  const lengthOf = rememberNames((name) => {
    judged.push(name);
    return name.length;
  });
  return { judged, lengthOf };
}
