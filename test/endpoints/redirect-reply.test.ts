import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redirectReply } from '../../src/endpoints/redirect-reply.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';

describe('redirectReply()', () => {
  it('sends the client on, sets each cookie in a field of its own, and lets no cache keep it', () => {
    assert.deepEqual(redirectReply({ location: 'https://a.example/', setCookies: ['a=1', 'b=2'], headers: ['X-A', 'b'] }), {
      status: 302,
      headers: [
        'Location',
        'https://a.example/',
        'Cache-Control',
        'no-store',
        'Referrer-Policy',
        'no-referrer',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-A',
        'b',
      ],
      body: '',
    });
  });

  it('takes another status', () => assert.equal(redirectReply({ status: 303, location: '/' }).status, 303));

  it('fails rather than write a location that would begin another header', () => {
    for (const location of ['/\r\nSet-Cookie: a=b', '/\n', '/\0', '/\u0100'])
      assert.throws(
        () => redirectReply({ location }),
        (error) => error instanceof ProxyFailure && error.code === 'internal',
      );
  });
});
