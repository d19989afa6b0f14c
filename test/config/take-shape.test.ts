import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyWithDefault, mapKey, optionalKey } from '../../src/config/key-schema.ts';
import { anything, eitherOf, keysOf, listOf, mapOf, number, orNull, text, texts, truth } from '../../src/config/schema.ts';
import type { AnySchema } from '../../src/config/schema.ts';
import type { TakenShape } from '../../src/config/take-shape.ts';
import { takeShape } from '../../src/config/take-shape.ts';

const facts = { description: 'A key.' };
const inner = keysOf<{ readonly on: boolean; readonly name?: string | undefined }>({
  on: keyWithDefault(truth, true, facts),
  name: optionalKey(text, facts),
});
const schema: AnySchema = keysOf<Readonly<Record<'text' | 'count' | 'list' | 'map' | 'data' | 'either' | 'inner' | 'empty', unknown>>>({
  text: optionalKey(text, facts),
  count: keyWithDefault(number, 5, facts),
  list: optionalKey(orNull(listOf(inner)), facts),
  map: optionalKey(mapOf(texts), facts),
  data: optionalKey(anything, facts),
  either: optionalKey(eitherOf(text, listOf(text)), facts),
  inner: optionalKey(inner, facts),
  empty: mapKey(inner, facts),
});
const standards = { count: 5, empty: { on: true } };

function takes(data: unknown): TakenShape<unknown> {
  return takeShape(schema, data);
}

function issuesOf(data: unknown): readonly unknown[] {
  const taken = takes(data);
  return taken.ok ? [] : taken.issues;
}

describe('takeShape()', () => {
  it('fills in what is left out, at every level, and nothing else', () => {
    assert.deepEqual(takes({}), { ok: true, value: standards });
    const written = { list: [{}, { on: false, name: 'x' }], inner: {}, count: 0, data: { any: [null] }, empty: { on: false } };
    const value = { ...written, list: [{ on: true }, { on: false, name: 'x' }], inner: { on: true } };
    assert.deepEqual(takes(written), { ok: true, value });
  });

  it('takes each type, and null where it counts', () => {
    for (const data of [{ text: '' }, { list: null }, { map: { a: ['b'] } }, { either: 'a' }, { either: ['a', 'b'] }, { data: null }])
      assert.deepEqual(takes(data), { ok: true, value: { ...standards, ...data } });
  });

  it('tells everything that does not fit, in the order of the schema, unknown keys last', () => {
    const data = {
      inner: { on: 1, nmae: 'x' },
      odd: 1,
      constructor: 2,
      count: Number.NaN,
      text: null,
      list: [{}, 3],
      map: { a: [1] },
      empty: [],
    };
    assert.deepEqual(issuesOf(data), [
      { kind: 'type', path: ['text'] },
      { kind: 'type', path: ['count'] },
      { kind: 'type', path: ['list', 1] },
      { kind: 'type', path: ['map', 'a', 0] },
      { kind: 'type', path: ['inner', 'on'] },
      { kind: 'keys', path: ['inner'], keys: ['nmae'] },
      { kind: 'type', path: ['empty'] },
      { kind: 'keys', path: [], keys: ['odd', 'constructor'] },
    ]);
  });

  it('tells of each form why it is not meant', () => {
    const type = { kind: 'type', path: [] };
    assert.deepEqual(issuesOf({ either: ['a', 1] }), [
      { kind: 'either', path: ['either'], options: [[type], [{ kind: 'type', path: [1] }]] },
    ]);
  });

  it('makes no entry of `__proto__`, in a map or beside keys', () => {
    const data: unknown = JSON.parse('{"map": {"__proto__": ["x"], "a": ["b"]}}');
    assert.deepEqual(takes(data), { ok: true, value: { ...standards, map: { a: ['b'] } } });
    assert.deepEqual(issuesOf(JSON.parse('{"__proto__": {"text": "x"}}')), [{ kind: 'keys', path: [], keys: ['__proto__'] }]);
  });

  it('gives each configuration defaults of its own map', () => {
    const [one, other] = [takes({}), takes({})];
    assert.ok(one.ok && other.ok && one.value !== other.value);
  });
});
