import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTextBook } from '../../src/identity/text-book.ts';

describe('createTextBook()', () => {
  it('gives a number to a text that is met at a second place, and not before', () => {
    const book = createTextBook({ bytes: 10_000, candidates: 10 });
    const numbers = ['a', 'a', 'b', 'c'].map((whose) => book.numberOf('admins', whose));
    assert.deepEqual([numbers, book.textOf(0)], [[undefined, undefined, 0, 0], 'admins']);
  });

  it('gives none to what is as short as a number, or too long to be of many', () => {
    const book = createTextBook({ bytes: 10_000, candidates: 10 });
    const numbers = ['abc', 'x'.repeat(257)].flatMap((text) => ['a', 'b'].map((whose) => book.numberOf(text, whose)));
    assert.deepEqual(numbers, [undefined, undefined, undefined, undefined]);
  });

  it('stays as it is when it is full, and what has a number keeps it', () => {
    const book = createTextBook({ bytes: 200, candidates: 10 });
    for (const text of ['first', 'second', 'third']) for (const whose of ['a', 'b']) book.numberOf(text, whose);
    assert.deepEqual(
      ['first', 'second', 'third'].map((text) => book.numberOf(text, 'c')),
      [0, 1, undefined],
    );
  });

  it('waits for a bounded number of texts to come again', () => {
    const book = createTextBook({ bytes: 10_000, candidates: 2 });
    for (const text of ['first', 'second', 'third']) book.numberOf(text, 'a');
    assert.deepEqual([book.numberOf('first', 'b'), book.numberOf('third', 'b')], [undefined, 0]);
  });
});
