import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readReturnUrl, returnUrlOf } from '../../src/identity/return-url.ts';
import { request } from './request.ts';

describe('readReturnUrl()', () => {
  it('reads what returnUrlOf() writes', () => {
    const urls = [
      'https://a.test/',
      'https://a.test:8443/x/y?z=//evil.example/\\',
      'https://[::1]/',
      'https://127.0.0.1/?',
      'https://a.test/?"<>',
    ];
    assert.deepEqual(
      urls.map((url) => readReturnUrl(returnUrlOf(request(url)))?.url),
      urls,
    );
  });

  // The list of open redirects known from other proxies.
  const refused = [
    '',
    '/',
    '//evil.example/',
    '/\\evil.example/',
    '/%09/evil.example/',
    '\\\\evil.example/',
    'https:evil.example/',
    'https:/evil.example/',
    'https:///evil.example/',
    'https:\\\\evil.example/',
    'https://evil.example',
    'https://evil.example?/',
    'https://evil.example#/',
    'https://a.test@evil.example/',
    'https://a.test:443@evil.example/',
    'https://evil.example\\@a.test/',
    'https://evil.example\\.a.test/',
    'https://evil.example#@a.test/',
    'https://evil.example?@a.test/',
    'https://a.test\t.evil.example/',
    'https://a.test\n/',
    ' https://a.test/',
    'https://a.test/\r\nSet-Cookie: a=b',
    'https://a.test/ x',
    'https://A.test/',
    'https://a.test./',
    'https://a.test:443/',
    'https://a.test:08443/',
    'https://a.test:/',
    'https://a.test:0/',
    'https://a.test/\\..\\',
    'https://a.test/#fragment',
    'https://%61.test/',
    'https://a。test/',
    'HTTPS://a.test/',
    'http://a.test/',
    'javascript:alert(1)//',
    'data:text/html,x',
    `https://a.test/${'x'.repeat(4000)}`,
  ];
  for (const text of refused)
    it(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => {
      assert.equal(readReturnUrl(text), undefined);
    });

  it('tells the host apart from one that merely begins or ends like it', () => {
    const hosts = ['https://a.test.evil.example/', 'https://evil-a.test/', 'https://a.test:444/'].map(
      (url) => readReturnUrl(url)?.authority,
    );
    assert.deepEqual(hosts, [
      { hostname: 'a.test.evil.example', port: undefined },
      { hostname: 'evil-a.test', port: undefined },
      { hostname: 'a.test', port: 444 },
    ]);
  });
});

describe('returnUrlOf()', () => {
  it('is always https, with the host in its canonical form and no default port', () => {
    assert.equal(returnUrlOf(request('https://A.Test.:443/x')), 'https://a.test/x');
  });

  it('escapes bytes outside ASCII and leaves the rest of the query alone', () => {
    assert.equal(returnUrlOf(request('https://a.test/?\xc5\xbc=%zz&&+')), 'https://a.test/?%C5%BC=%zz&&+');
  });

  it('gives up the query, then the path, of what is too long to travel', () => {
    const long = 'x'.repeat(4_000);
    assert.equal(returnUrlOf(request(`https://a.test/p?${long}`)), 'https://a.test/p');
    assert.equal(returnUrlOf(request(`https://a.test/${long}?q`)), 'https://a.test/');
  });
});
