import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCrossSiteChange } from '../../src/http/cross-site.ts';
import type { HeaderList } from '../../src/http/header-list.ts';
import { parseAuthority } from '../../src/http/hostname.ts';

interface Asked {
  readonly method?: string;
  readonly upgrade?: string;
  readonly host?: string;
  readonly scheme?: 'http' | 'https';
}

function isForeign(headers: HeaderList, { method = 'POST', upgrade, host = 'app.example.com', scheme = 'https' }: Asked = {}): boolean {
  const authority = parseAuthority(host) ?? assert.fail('no authority');
  return isCrossSiteChange({ method, upgrade, headers, authority, connection: { scheme } });
}

describe('isCrossSiteChange()', () => {
  const foreign: readonly (readonly [why: string, headers: HeaderList, asked?: Asked])[] = [
    ['a cross-site POST', ['Sec-Fetch-Site', 'cross-site']],
    ['a method that nobody knows', ['sec-fetch-site', 'cross-site'], { method: 'get' }],
    ['a cross-site WebSocket', ['Sec-Fetch-Site', 'cross-site'], { method: 'GET', upgrade: 'websocket' }],
    ['an unknown word', ['Sec-Fetch-Site', 'elsewhere']],
    ['an empty one', ['Sec-Fetch-Site', '']],
    ['another origin', ['Origin', 'https://evil.example']],
    ['a subdomain of ours', ['Origin', 'https://x.app.example.com']],
    ['our host on another port', ['Origin', 'https://app.example.com:8443']],
    ['our host without TLS', ['Origin', 'http://app.example.com']],
    ['no origin', ['Origin', 'null']],
    ['an empty origin', ['Origin', '']],
    ['an origin with a path', ['Origin', 'https://app.example.com/']],
    ['an origin with somebody before it', ['Origin', 'https://app.example.com@evil.example']],
  ];
  for (const [why, headers, asked] of foreign) it(`is true of ${why}`, () => assert.equal(isForeign(headers, asked), true));

  const own: readonly (readonly [why: string, headers: HeaderList, asked?: Asked])[] = [
    ['what only looks', ['Sec-Fetch-Site', 'cross-site'], { method: 'GET' }],
    ['a preflight', ['Origin', 'https://evil.example'], { method: 'OPTIONS' }],
    ['a page of the same site', ['Sec-Fetch-Site', 'Same-Site', 'Origin', 'https://x.example.com']],
    ['a program', []],
    ['our own origin', ['Origin', 'https://app.example.com']],
    ['our own origin on a port', ['Origin', 'https://app.example.com:8443'], { host: 'APP.example.com.:8443' }],
    ['the usual port, written out', ['Origin', 'https://app.example.com'], { host: 'app.example.com:443' }],
    ['our origin, TLS ending in front', ['Origin', 'https://app.example.com'], { scheme: 'http' }],
    ['our origin where there is no TLS', ['Origin', 'http://app.example.com'], { scheme: 'http' }],
  ];
  for (const [why, headers, asked] of own) it(`is false of ${why}`, () => assert.equal(isForeign(headers, asked), false));
});
