import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { cookieValues, withoutCookies, writeSetCookie } from '../../src/http/cookies.ts';

function isOurs(name: string): boolean {
  return name === '_pomerium' || name.startsWith('_pomerium_');
}

describe('cookieValues()', () => {
  it('gives every value of one name, over all fields, in order', () => {
    const headers = ['Cookie', 'a=1; _pomerium=x=y; b=2', 'accept', 'a=9', 'cookie', '_pomerium="q";a=3;_pomerium='];
    assert.deepEqual(cookieValues(headers, '_pomerium'), ['x=y', '"q"', '']);
    assert.deepEqual(cookieValues(headers, 'a'), ['1', '3']);
  });

  it('compares names with case and as a whole', () => {
    assert.deepEqual(cookieValues(['cookie', 'A=1; aa=2; a; a =3; =4; xa=5'], 'a'), []);
  });
});

describe('cookieValues(), in whatever is sent', () => {
  it('reads pairs as a reader does who takes them apart first', () => {
    const piece = fc.constantFrom('_pomerium', '=', ';', ' ', '\t', 'a', '"', '_x', '_pomerium=', '\u00a0');
    const header = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(header, header, (first, second) => {
        const pairs = [first, second].flatMap((text) => text.split(';')).map((pair) => pair.trim());
        const expected = pairs.filter((pair) => pair.startsWith('_pomerium=')).map((pair) => pair.slice('_pomerium='.length));
        assert.deepEqual(cookieValues(['cookie', first, 'x', '_pomerium=1', 'Cookie', second], '_pomerium'), expected);
      }),
    );
  });
});

describe('withoutCookies()', () => {
  it('takes ours out and leaves the others byte for byte', () => {
    assert.equal(withoutCookies('a=1; _pomerium=x; b="2 ;_pomerium_state=y;c=\u00a0', isOurs), 'a=1; b="2; c=\u00a0');
  });

  it('leaves a header that holds none of ours exactly as it is', () => {
    for (const header of ['a=1;b=2', ' a=1 ;; b', 'pomerium=1; x_pomerium=2; _Pomerium=3', ';', '='])
      assert.equal(withoutCookies(header, isOurs), header);
  });

  it('gives nothing when nothing is left', () => {
    for (const header of ['', '_pomerium=x', '_pomerium=x; ;_pomerium_a=b', '_pomerium'])
      assert.equal(withoutCookies(header, isOurs), undefined);
  });

  it('knows ours whatever white space stands around the name, and without a value', () => {
    for (const pair of ['_pomerium =x', '\t_pomerium\t=x', '\u00a0_pomerium=x', '_pomerium', ' _pomerium_chunk0=x'])
      assert.equal(withoutCookies(`a=1;${pair};b=2`, isOurs), 'a=1; b=2');
  });

  it('leaves nothing of ours for the next reader to find', () => {
    const piece = fc.constantFrom('_pomerium', '=', ';', ' ', 'a', '"', '_x', ',');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const kept = withoutCookies(pieces.join(''), isOurs) ?? '';
        assert.deepEqual(cookieValues(['cookie', kept], '_pomerium'), []);
        assert.equal(withoutCookies(kept, isOurs) ?? '', kept);
      }),
    );
  });
});

describe('writeSetCookie()', () => {
  it('always says Secure', () => {
    assert.equal(writeSetCookie('a', 'b', { path: '/', httpOnly: false }), 'a=b; Path=/; Secure');
  });

  it('writes every attribute it is given', () => {
    const attributes = { path: '/x', domain: 'example.com', maxAge: 0, httpOnly: true, sameSite: 'Lax' } as const;
    assert.equal(writeSetCookie('a', 'b', attributes), 'a=b; Path=/x; Domain=example.com; Max-Age=0; Secure; HttpOnly; SameSite=Lax');
  });
});
