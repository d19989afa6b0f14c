import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signUrl, verifySignedUrl } from '../../src/identity/signed-url.ts';

const key = Buffer.from('test-key');
const at = 1_574_117_851_000;
const base = 'https://a.example/x';

function queryOf(url: string): string {
  return url.slice(url.indexOf('?'));
}

describe('signUrl()', () => {
  it('signs as Pomerium does', () => {
    assert.equal(
      signUrl('https://pomerium.io', {}, { keys: [key], at }),
      'https://pomerium.io?pomerium_expiry=1574118151&pomerium_issued=1574117851&pomerium_signature=XtvM-Y-oPvoGGV2Q5G0vrQ_CgNeYhVyTG5dHIqLsBOU%3D',
    );
  });

  it('writes parameters sorted and with the escapes of a Go query', () => {
    const url = signUrl(base, { z: "~*-._ !'()", a: 'ż&=+%2f' }, { keys: [key], at });
    assert.match(url, /\?a=%C5%BC%26%3D%2B%252f&pomerium_expiry=\d+&pomerium_issued=\d+&pomerium_signature=[^&]+&z=~%2A-._\+%21%27%28%29$/);
  });
});

describe('verifySignedUrl()', () => {
  const query = queryOf(signUrl(base, { b: "x y~*'ż%2f", a: '1' }, { keys: [key], at }));

  it('gives back every parameter but the signature', () => {
    const found = verifySignedUrl(base, query, { keys: [key], at });
    assert.ok(found.kind === 'valid');
    assert.deepEqual(Object.fromEntries(found.parameters), {
      a: '1',
      b: "x y~*'ż%2f",
      pomerium_issued: '1574117851',
      pomerium_expiry: '1574118151',
    });
  });

  it('takes the parameters in any order', () => {
    assert.equal(verifySignedUrl(base, `?${query.slice(1).split('&').toReversed().join('&')}`, { keys: [key], at }).kind, 'valid');
  });

  it('allows clocks to differ by a minute, at both ends', () => {
    const kinds = [-60_000, -60_001, 360_000, 360_001].map(
      (difference) => verifySignedUrl(base, query, { keys: [key], at: at + difference }).kind,
    );
    assert.deepEqual(kinds, ['valid', 'invalid', 'valid', 'expired']);
  });

  it('refuses whatever was changed, added, doubled or left out', () => {
    const changed = [
      query.replace('a=1', 'a=2'),
      `${query}&c=`,
      `${query}&a=1`,
      query.replace('a=1&', ''),
      query.replace(/pomerium_expiry=\d+/, 'pomerium_expiry=9999999999'),
      query.replace(/pomerium_issued=\d+/, 'pomerium_issued=1574117850'),
      query.replace(/&pomerium_signature=[^&]*/, ''),
      query.replace(/pomerium_signature=[^&]*/, 'pomerium_signature='),
      query.replace(/pomerium_signature=[^&]*/, 'pomerium_signature=%F0%9F%94%91'),
      query.replace(/pomerium_expiry=\d+/, 'pomerium_expiry=1e10'),
      '',
      '?%',
      '?a=%ED%A0%80',
    ];
    assert.deepEqual([...new Set(changed.map((each) => verifySignedUrl(base, each, { keys: [key], at }).kind))], ['invalid']);
  });

  it('signs with the first of several keys and takes what any of them signed', () => {
    const older = Buffer.from('older');
    const signedBefore = queryOf(signUrl(base, { a: '1' }, { keys: [older], at }));
    const signedDuring = queryOf(signUrl(base, { a: '1' }, { keys: [key, older], at }));
    const kinds = [signedBefore, signedDuring].map((each) =>
      [[older], [key, older], [key]].map(([newest = older, ...rest]) => verifySignedUrl(base, each, { keys: [newest, ...rest], at }).kind),
    );
    assert.deepEqual(kinds, [
      ['valid', 'valid', 'invalid'],
      ['invalid', 'valid', 'valid'],
    ]);
  });

  it('refuses another base and another key', () => {
    assert.equal(verifySignedUrl(`${base}/`, query, { keys: [key], at }).kind, 'invalid');
    assert.equal(verifySignedUrl(base, query, { keys: [Buffer.from('other')], at }).kind, 'invalid');
  });
});
