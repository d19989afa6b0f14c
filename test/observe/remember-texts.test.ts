import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TextParts } from '../../src/observe/remember-texts.ts';
import { rememberTexts } from '../../src/observe/remember-texts.ts';

/** Texts of parts, and the parts that had to be written. */
function remembering(): { readonly textOf: (...parts: TextParts) => string; readonly written: TextParts[] } {
  const written: TextParts[] = [];
  const textOf = rememberTexts((parts) => {
    written.push(parts);
    return JSON.stringify(parts);
  });
  return { textOf: (...parts) => textOf(parts), written };
}

describe('rememberTexts()', () => {
  it('writes the same parts once', () => {
    const { textOf, written } = remembering();
    const texts = [textOf('a', null, 'b'), textOf('a', null, 'b'), textOf(null), textOf(null), textOf(), textOf()];
    assert.deepEqual(texts, ['["a",null,"b"]', '["a",null,"b"]', '[null]', '[null]', '[]', '[]']);
    assert.equal(written.length, 3);
  });

  it('tells apart what differs in any part, in their number, and null from its name', () => {
    const { textOf, written } = remembering();
    const lists: TextParts[] = [['a', 'b'], ['a', 'c'], ['a'], ['a', 'b', ''], ['a', null], ['a', 'null'], ['\ud800'], ['\ufffd'], ['(', '\u2028'], ['(', '(']]; // prettier-ignore
    for (const parts of [...lists, ...lists]) assert.equal(textOf(...parts), JSON.stringify(parts));
    assert.ok(written.length < 2 * lists.length);
  });

  it('remembers several combinations of one first value, and forgets all of it rather than hold many', () => {
    const { textOf, written } = remembering();
    for (const second of ['1', '2', '3', '4', '1', '2', '3', '4']) textOf('a', second);
    assert.equal(written.length, 4);
    for (const second of ['5', '1']) textOf('a', second);
    assert.equal(written.length, 6);
  });

  it('forgets everything when it holds too much, and begins anew', () => {
    const { textOf, written } = remembering();
    for (let index = 0; index < 2048; index += 1) textOf(String(index));
    textOf('0');
    assert.equal(written.length, 2048);
    textOf('one more');
    textOf('0');
    textOf('0');
    assert.equal(written.length, 2050);
  });

  it('does not keep what is long', () => {
    const { textOf, written } = remembering();
    for (const _ of [1, 2]) textOf('a'.repeat(600));
    assert.equal(written.length, 2);
  });
});
