import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import type { ResponseHeaderRewrite } from '../../src/config/action-settings.ts';
import { responseHeaders, sideHeaders } from '../../src/upstream/response-headers.ts';
import { plainPlan } from './example-request.ts';

describe('responseHeaders()', () => {
  it('passes on what the upstream says, with the headers of the route in place of the upstream’s', () => {
    assert.deepEqual(
      answered(['Content-Length', '3', 'x-frame-options', 'ALLOWALL', 'ETag', '"1"'], { set: ['X-Frame-Options', 'SAMEORIGIN'] }).headers,
      ['Content-Length', '3', 'ETag', '"1"', 'X-Frame-Options', 'SAMEORIGIN', 'X-Request-Id', 'reference-1'],
    );
  });

  it('drops what is about the connection, what leads past the proxy and what only the proxy says', () => {
    const upstream = [
      'Connection',
      'X-Hop, content-length',
      'X-Hop',
      '1',
      'Content-Length',
      '0',
      'Keep-Alive',
      'timeout=5',
      'Alt-Svc',
      'h3=":443"',
    ];
    upstream.push(
      'X-Pomerium-Jwt-Assertion',
      'x',
      'X_Pomerium_Anything',
      'x',
      'Transfer-Encoding',
      'chunked',
      'Trailer',
      'X',
      'Upgrade',
      'h2c',
    );
    upstream.push('X-Request-Id', 'theirs', 'Proxy-Authenticate', 'Basic');
    assert.deepEqual(answered(upstream).headers, ['Content-Length', '0', 'X-Request-Id', 'reference-1']);
  });

  it('drops cookies of ours, nameless disguises included, and tells which', () => {
    const cookies = [
      'theme=dark; Path=/',
      '_pomerium=evil',
      ' _pomerium_x = evil',
      '=_pomerium=evil',
      '= =_pomerium=evil',
      '_pomerium',
      'a=_pomerium=1',
    ];
    const { headers, dropped } = answered(cookies.flatMap((cookie) => ['Set-Cookie', cookie]));
    assert.deepEqual(headers, ['Set-Cookie', 'theme=dark; Path=/', 'Set-Cookie', 'a=_pomerium=1', 'X-Request-Id', 'reference-1']);
    assert.deepEqual(dropped, ['_pomerium', '_pomerium_x', '_pomerium', '_pomerium', '_pomerium']);
  });
});

describe('responseHeaders(): rewrite_response_headers', () => {
  const rewrites: readonly ResponseHeaderRewrite[] = [
    { header: 'location', prefix: 'http://app.internal:8080/', value: 'https://app.example/' },
    { header: 'Location', prefix: 'https://app.example/v1/', value: 'https://app.example/' },
    { header: 'X-Base', prefix: '', value: '/outer' },
  ];

  it('replaces the beginning of a header, one entry after the other, and nothing but a beginning', () => {
    const given = [
      'LOCATION',
      'http://app.internal:8080/v1/page',
      'Location',
      'https://x/?to=http://app.internal:8080/',
      'X-Base',
      '/inner',
      'Link',
      'http://app.internal:8080/',
    ];
    assert.deepEqual(answered(given, { rewrites }).headers, [
      'LOCATION',
      'https://app.example/page',
      'Location',
      'https://x/?to=http://app.internal:8080/',
      'X-Base',
      '/outer/inner',
      'Link',
      'http://app.internal:8080/',
      'X-Request-Id',
      'reference-1',
    ]);
  });

  it('leaves the last word to the headers of the route', () => {
    assert.deepEqual(answered(['X-Base', '/inner'], { rewrites, set: ['x-base', 'ours'] }).headers, [
      'x-base',
      'ours',
      'X-Request-Id',
      'reference-1',
    ]);
  });
});

describe('sideHeaders()', () => {
  it('keeps trailers that describe and drops those that frame, route, allow or identify', () => {
    const trailers = ['Grpc-Status', '0', 'Digest', 'x', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Set-Cookie', 'a=1'];
    trailers.push('X-Pomerium-Claim-Email', 'x', 'Authorization', 'x', 'Host', 'x', 'Connection', 'close', 'Location', '/');
    assert.deepEqual(sideHeaders(trailers), ['Grpc-Status', '0', 'Digest', 'x']);
  });
});

function answered(
  upstream: HeaderList,
  { set = [], rewrites = [] }: { readonly set?: HeaderList; readonly rewrites?: readonly ResponseHeaderRewrite[] } = {},
): { readonly headers: HeaderList; readonly dropped: readonly string[] } {
  const dropped: string[] = [];
  const headers = responseHeaders({
    upstream,
    isOurCookie: plainPlan.isOurCookie,
    requestId: 'reference-1',
    rewrites,
    set,
    onCookieDropped: (name) => dropped.push(name),
  });
  return { headers, dropped };
}
