import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseAuthority, parseHostname } from '../../src/http/hostname.ts';

describe('parseHostname()', () => {
  it('gives one form to all spellings of a name', () => {
    for (const text of ['app.example', 'APP.Example', 'app.example.', 'App.EXAMPLE.']) assert.equal(parseHostname(text), 'app.example');
  });

  it('gives one form to all spellings of an IPv6 address', () => {
    for (const text of ['[2001:db8::1]', '[2001:DB8:0:0::0001]', '[2001:db8:0:0:0:0:0.0.0.1]'])
      assert.equal(parseHostname(text), '[2001:db8::1]');
  });

  it('takes IPv4 addresses, underscores, single labels and punycode as they are', () => {
    for (const text of [
      '192.0.2.1',
      '_dmarc.example',
      'localhost',
      'xn--mnchen-3ya.example',
      '1password.example',
      `${'a'.repeat(63)}.example`,
    ])
      assert.equal(parseHostname(text), text);
  });

  it('refuses other spellings of an IPv4 address, which browsers read as one', () => {
    for (const text of [
      '0x7f.1',
      '127.1',
      '2130706433',
      '0',
      '017700000001',
      '1.2.3.4.5',
      '256.1.1.1',
      '192.0.2.01',
      'a.example.1',
      'a.0x',
      '0X7F.1.',
    ])
      assert.equal(parseHostname(text), undefined, text);
    for (const text of ['a.1x', '1.example', 'a.0xg', 'app1', '127.0.0.1.example']) assert.equal(parseHostname(text), text);
  });

  it('refuses what is no host name', () => {
    const malformed = [
      ['', '.', '..', 'a..b', '.a', 'a.example..', '-a.example', 'a-.example', `${'a'.repeat(64)}.example`],
      ['a b', ' a', 'a\t', 'a\n', 'a\0', 'a/b', 'a:80', 'a@b', 'a,b', 'a%41', 'a#b', 'a?b', 'a\\b', '*', '*.example'],
      ['::1', '[::1', '::1]', '[]', '[1.2.3.4]', '[fe80::1%eth0]', '[fe80::1%25eth0]', '[::g]', '[v1.a]', '[::1]x'],
      [`${'a.'.repeat(127)}example`],
    ].flat();
    assert.deepEqual(
      malformed.filter((text) => parseHostname(text) !== undefined),
      [],
    );
  });

  it('takes a name of 253 characters and no longer one', () => {
    const longest = `${'a.'.repeat(125)}abc`;
    assert.equal(longest.length, 253);
    assert.equal(parseHostname(longest), longest);
    assert.equal(parseHostname(`${longest}.`), longest);
    assert.equal(parseHostname(`${longest}d`), undefined);
  });

  it('refuses letters that only lower case turns into ASCII, and every other letter outside of it', () => {
    for (const text of [
      '\u212Aey.example',
      'm\u00FCller.example',
      '\u0130.example',
      'app\u3002example',
      '\uFF41.example',
      'a\u00AD.example',
    ])
      assert.equal(parseHostname(text), undefined);
  });

  it('gives a form that is read as itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
          fc.string(),
        ),
        (text) => {
          const hostname = parseHostname(text);
          if (hostname !== undefined) assert.equal(parseHostname(hostname), hostname);
        },
      ),
    );
  });
});

describe('parseAuthority()', () => {
  it('says the same again, and after more names than it remembers', () => {
    const [first, malformed] = [parseAuthority('Again.example:8443'), parseAuthority('again..example')];
    for (let count = 0; count < 3_000; count += 1)
      assert.deepEqual<unknown>(parseAuthority(`a${count}.example:80`), { hostname: `a${count}.example`, port: 80 });
    for (let again = 0; again < 2; again += 1)
      assert.deepEqual([parseAuthority('Again.example:8443'), parseAuthority('again..example')], [first, malformed]);
    assert.deepEqual<unknown>([first, malformed], [{ hostname: 'again.example', port: 8443 }, undefined]);
  });

  it('splits host and port', () => {
    assert.deepEqual<unknown>(parseAuthority('App.example:8443'), { hostname: 'app.example', port: 8443 });
    assert.deepEqual<unknown>(parseAuthority('app.example'), { hostname: 'app.example', port: undefined });
    assert.deepEqual<unknown>(parseAuthority('[::1]:443'), { hostname: '[::1]', port: 443 });
    assert.deepEqual<unknown>(parseAuthority('[::1]'), { hostname: '[::1]', port: undefined });
    assert.deepEqual<unknown>(parseAuthority('192.0.2.1:65535'), { hostname: '192.0.2.1', port: 65_535 });
  });

  it('refuses everything else', () => {
    const malformed = [
      ['', ':', ':80', 'a:', 'a:0', 'a:65536', 'a:99999999', 'a:+1', 'a:-1', 'a:0x50', 'a:8 0', 'a:80 ', 'a:80:80', 'a: 80'],
      ['user@a', 'user:pass@a:80', 'a,b', 'a b', 'a/', 'http://a', '::1', '[::1]80', '[::1]:', '[::1', 'a:\u0661', '[::1]:80]'],
    ].flat();
    assert.deepEqual(
      malformed.filter((text) => parseAuthority(text) !== undefined),
      [],
    );
  });
});
