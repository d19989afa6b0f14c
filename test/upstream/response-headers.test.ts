import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import { defaultResponseHeaders, responseHeaders, sideHeaders } from '../../src/upstream/response-headers.ts';
import { plainPlan } from './example-request.ts';

describe('responseHeaders()', () => {
  it('passes on what the upstream says, with its own default headers in place of the upstream’s', () => {
    assert.deepEqual(answered(['Content-Length', '3', 'x-frame-options', 'ALLOWALL', 'ETag', '"1"'], defaultResponseHeaders).headers, [
      'Content-Length',
      '3',
      'ETag',
      '"1"',
      'X-Frame-Options',
      'SAMEORIGIN',
      'X-XSS-Protection',
      '1; mode=block',
      'Strict-Transport-Security',
      'max-age=31536000; includeSubDomains; preload',
      'X-Request-Id',
      'reference-1',
    ]);
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

describe('sideHeaders()', () => {
  it('keeps trailers that describe and drops those that frame, route, allow or identify', () => {
    const trailers = ['Grpc-Status', '0', 'Digest', 'x', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Set-Cookie', 'a=1'];
    trailers.push('X-Pomerium-Claim-Email', 'x', 'Authorization', 'x', 'Host', 'x', 'Connection', 'close', 'Location', '/');
    assert.deepEqual(sideHeaders(trailers), ['Grpc-Status', '0', 'Digest', 'x']);
  });
});

function answered(upstream: HeaderList, set: HeaderList = []): { readonly headers: HeaderList; readonly dropped: readonly string[] } {
  const dropped: string[] = [];
  const headers = responseHeaders({
    upstream,
    isOurCookie: plainPlan.isOurCookie,
    requestId: 'reference-1',
    set,
    onCookieDropped: (name) => dropped.push(name),
  });
  return { headers, dropped };
}
