import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTo } from '../../src/config/route-to.ts';

const plain = { rewritesPrefix: false };

describe('parseTo()', () => {
  it('reads http, https and unix', () => {
    const texts = ['http://127.0.0.1:8080', 'HTTPS://app.corp.example', 'http://app_1:80/', 'unix:///run/app.sock', 'http://[::1]:8080'];
    assert.deepEqual(
      texts.map((text) => {
        const to = parseTo(text, plain);
        return to.ok ? to.url.href : to.message;
      }),
      ['http://127.0.0.1:8080/', 'https://app.corp.example/', 'http://app_1/', 'unix:///run/app.sock', 'http://[::1]:8080/'],
    );
  });

  it('refuses a lone slash only where it would rewrite the prefix', () => {
    assert.deepEqual([parseTo('http://a/', plain).ok, parseTo('http://a/', { rewritesPrefix: true }).ok], [true, false]);
  });

  it('refuses hosts that two readers would understand differently', () => {
    const texts = [
      'http://0x7f.1',
      'http://127.1',
      'http://2130706433',
      'http://a\\b',
      'http://a b',
      'http://a%2eb',
      'http://ａ',
      'http://',
      'http://a:0',
      'http://a:x',
    ];
    assert.deepEqual(
      texts.filter((text) => parseTo(text, plain).ok),
      [],
    );
  });

  it('never quotes a password', () => {
    const to = parseTo('http://bob:pa/ss@app.corp.example', plain);
    assert.doesNotMatch(to.ok ? '' : to.message, /pa\/ss/);
  });
});
