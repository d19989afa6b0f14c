import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldKind } from '../../src/listener/field-kind.ts';

const ordinary = { isAlias: false, isConnection: false, isConnectionField: false, single: 0, framing: undefined };

describe('fieldKind()', () => {
  it('knows a field in any spelling', () => {
    for (const name of ['Accept', 'accept', 'x-anything', 'constructor', 'cookie']) assert.deepEqual(fieldKind(name), ordinary, name);
    for (const name of ['Connection', 'CONNECTION'])
      assert.deepEqual(fieldKind(name), { ...ordinary, isConnection: true, isConnectionField: true });
    const { single, ...coding } = fieldKind('Transfer-Encoding') ?? ordinary;
    assert.deepEqual(coding, { isAlias: false, isConnection: false, isConnectionField: true, framing: 'transfer-encoding' });
    assert.equal(fieldKind('tRANSFER-eNCODING')?.single, single);
  });

  it('gives every field that may be sent once a bit of its own', () => {
    const names = ['authorization', 'content-length', 'content-type', 'expect', 'host', 'origin', 'te', 'transfer-encoding', 'upgrade'];
    const bits = names.map((name) => fieldKind(name)?.single ?? 0);
    assert.deepEqual([new Set(bits).size, bits.includes(0)], [names.length, false]);
  });

  it('counts an alias as the field that it may be taken for, and never reads it as that field', () => {
    const alias = fieldKind('Content_Length');
    assert.deepEqual(alias, { ...ordinary, isAlias: true, single: fieldKind('content-length')?.single });
    assert.deepEqual(fieldKind('x_anything'), { ...ordinary, isAlias: true });
  });

  it('knows no kind of what is no name', () => {
    for (const name of ['', 'a b', 'a:', ':path', 'a\n', 'ä']) assert.equal(fieldKind(name), undefined, JSON.stringify(name));
  });

  it('says the same again, and after more inventions than it remembers', () => {
    const before = [fieldKind('Authorization'), fieldKind('bad name')];
    for (let count = 0; count < 3_000; count += 1) assert.deepEqual(fieldKind(`x-${count}`), ordinary);
    assert.deepEqual(fieldKind('x'.repeat(10_000)), ordinary);
    assert.deepEqual([fieldKind('Authorization'), fieldKind('bad name')], before);
  });
});
