import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createBrowserBinding } from '../../src/identity/browser-binding.ts';
import { request } from './request.ts';

const secret = randomBytes(32);

describe('createBrowserBinding()', () => {
  const binding = createBrowserBinding('_p_browser', [secret]);
  const { mark, setCookies } = binding.begin(request('https://a.test/deep/path'));
  const cookie = setCookies[0]?.split(';')[0] ?? '';

  it('sets a cookie that reaches every path and no script', () => {
    assert.match(setCookies[0] ?? '', /^_p_browser=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  });

  it('knows the browser again at the same host only', () => {
    const same = ['https://a.test/.pomerium/callback/', 'https://a.test:8443/', 'https://b.test/'].map((url) =>
      binding.isSameBrowser(request(url, cookie), mark),
    );
    assert.deepEqual(same, [true, true, false]);
  });

  it('gives further tabs the same mark and no new cookie', () => {
    assert.deepEqual(binding.begin(request('https://a.test/', cookie)), { mark, setCookies: [] });
  });

  it('knows a mark of an older secret, and makes new ones with the newest', () => {
    const newest = randomBytes(32);
    const rotated = createBrowserBinding('_p_browser', [newest, secret]);
    const inbound = request('https://a.test/', cookie);
    const fresh = rotated.begin(inbound).mark;
    assert.deepEqual(
      [rotated, createBrowserBinding('_p_browser', [newest])].map((each) => [
        each.isSameBrowser(inbound, mark),
        each.isSameBrowser(inbound, fresh),
      ]),
      [
        [true, true],
        [false, true],
      ],
    );
  });

  it('tells a browser that has one cookie from one that has none or several', () => {
    const known = ['', cookie, `${cookie}; ${cookie}`, `_p_browser=short; ${cookie}`, `${cookie}; _p_browser=${'x'.repeat(43)}`];
    assert.deepEqual(
      known.map((each) => binding.isKnown(request('https://a.test/', each))),
      [false, true, true, true, false],
    );
  });

  it('replaces a cookie that it can not have set', () => {
    assert.equal(binding.begin(request('https://a.test/', '_p_browser=short')).setCookies.length, 1);
  });

  it('is not fooled by none, another, a second or a malformed cookie, nor by another mark', () => {
    const other = `_p_browser=${'x'.repeat(43)}`;
    const cases = ['', other, `${cookie}; ${other}`, `${other}; ${cookie}`, `${cookie}x`].map((each) =>
      binding.isSameBrowser(request('https://a.test/', each), mark),
    );
    assert.deepEqual(cases, [false, false, false, false, false]);
    for (const wrong of ['', 'x', `${mark}x`, 'ż'.repeat(43)])
      assert.equal(binding.isSameBrowser(request('https://a.test/', cookie), wrong), false);
    assert.equal(createBrowserBinding('_p_browser', [randomBytes(32)]).isSameBrowser(request('https://a.test/', cookie), mark), false);
  });
});
