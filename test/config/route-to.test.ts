import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTo } from '../../src/config/route-to.ts';

describe('parseTo()', () => {
  it('reads http, https, h2c and unix, with paths and weights', () => {
    const texts = [
      'http://127.0.0.1:8080',
      'HTTPS://app.corp.example,3',
      'http://app_1:80/',
      'unix:///run/app.sock,4294967295',
      'http://[::1]:8080/base/%C3%BC;x=1,01',
      'H2C://App.corp.example:50051/base,2',
      'h2c://[::1]:80',
    ];
    assert.deepEqual(
      texts.map((text) => {
        const to = parseTo(text);
        return to.ok ? [to.url.href, to.weight, to.path] : to.message;
      }),
      [
        ['http://127.0.0.1:8080/', undefined, ''],
        ['https://app.corp.example/', 3, ''],
        ['http://app_1/', undefined, '/'],
        ['unix:///run/app.sock', 4_294_967_295, ''],
        ['http://[::1]:8080/', 1, '/base/%C3%BC;x=1'],
        ['h2c://app.corp.example:50051/', 2, '/base'],
        ['h2c://[::1]/', undefined, ''],
      ],
    );
  });

  it('refuses what is no weight', () => {
    const weights = ['0', '00', '-1', '+1', '1.5', '1e3', ' 1', '1 ', '', '4294967296', '99999999999', '1,1', 'x'];
    assert.deepEqual(
      weights.filter((weight) => parseTo(`http://a,${weight}`).ok),
      [],
    );
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
      texts.filter((text) => parseTo(text).ok),
      [],
    );
  });

  it('refuses paths that would not arrive as they are written', () => {
    const texts = ['http://a/ü', 'http://a/..', 'http://a/b/%2E./c', 'http://a/%', 'http://a/%0', 'http://a/\u0001'];
    assert.deepEqual(
      texts.filter((text) => parseTo(text).ok),
      [],
    );
  });

  it('names the schemes that are not supported yet', () => {
    const schemes = ['https+unix', 'tcp', 'UDP', 'ssh'];
    assert.deepEqual(
      schemes.map((scheme) => {
        const to = parseTo(`${scheme}://a`);
        return to.ok || [to.code, to.message];
      }),
      schemes.map((scheme) => ['not-supported-yet', `"${scheme}://a": ${scheme.toLowerCase()}:// is not supported yet`]),
    );
  });

  it('never quotes a password', () => {
    const texts = ['http://bob:pa/ss@app.corp.example', 'http://bob:pa,ss@app.corp.example', 'http://bob:pass@app.corp.example,2'];
    assert.deepEqual(
      texts.filter((text) => {
        const to = parseTo(text);
        return to.ok || /pa|ss/.test(to.message.replace('password', ''));
      }),
      [],
    );
  });
});
