import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitHttp1Headers, splitHttp2Headers } from '../../src/listener/wire-parts.ts';

const pseudo = [':method', 'GET', ':path', '/a?b', ':scheme', 'https'];

describe('splitHttp1Headers()', () => {
  it('takes every Host out, keeps the first and counts them', () => {
    assert.deepEqual(splitHttp1Headers(['Accept', 'host', 'HOST', 'a.test', 'X', '1', 'Host', 'b.test']), {
      rawAuthority: 'a.test',
      authorityCount: 2,
      headers: ['Accept', 'host', 'X', '1'],
    });
    assert.deepEqual(splitHttp1Headers(['A', '1']), { rawAuthority: undefined, authorityCount: 0, headers: ['A', '1'] });
  });
});

describe('splitHttp2Headers()', () => {
  it('takes the pseudo-header fields out', () => {
    assert.deepEqual(splitHttp2Headers([...pseudo, ':authority', 'a.test', 'accept', '*/*', 'cookie', 'a=1', 'cookie', 'b=2']), {
      rawAuthority: 'a.test',
      authorityCount: 1,
      headers: ['accept', '*/*', 'cookie', 'a=1', 'cookie', 'b=2'],
      method: 'GET',
      rawTarget: '/a?b',
    });
  });

  it('takes host out, which counts as another authority unless it is the same', () => {
    assert.deepEqual(authorityOf('host', 'a.test', 'x', 'host'), ['a.test', 1, ['x', 'host']]);
    assert.deepEqual(authorityOf(':authority', 'a.test', 'x', '1', 'host', 'a.test'), ['a.test', 1, ['x', '1']]);
    assert.deepEqual(authorityOf(':authority', 'a.test', 'host', 'b.test'), ['a.test', 2, []]);
    assert.deepEqual(authorityOf(':authority', 'a.test', 'host', 'a.test', 'host', 'a.test'), ['a.test', 3, []]);
    assert.deepEqual(authorityOf(':authority', 'a.test', ':authority', 'a.test'), ['a.test', 2, []]);
    assert.deepEqual(authorityOf('x', '1'), [undefined, 0, ['x', '1']]);
  });

  it('leaves a pseudo-header field that comes late where it is, to be refused as what it is: no name', () => {
    assert.deepEqual(authorityOf('x', '1', ':authority', 'b.test'), [undefined, 0, ['x', '1', ':authority', 'b.test']]);
  });
});

function authorityOf(...fields: readonly string[]): unknown {
  const { rawAuthority, authorityCount, headers } = splitHttp2Headers([...pseudo, ...fields]);
  return [rawAuthority, authorityCount, headers];
}
