import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { visitorScheme } from '../../src/upstream/visitor-scheme.ts';
import { inboundOf } from './example-request.ts';

describe('visitorScheme()', () => {
  const { connection } = inboundOf();
  const plain = { connection: { ...connection, scheme: 'http' } } as const;

  it('is that of the connection, whatever the client says', () => {
    const headers = ['X-Forwarded-Proto', 'http'];
    assert.equal(visitorScheme(inboundOf({ headers }), { trustedHops: 0 }), 'https');
    assert.equal(visitorScheme(inboundOf({ headers: ['X-Forwarded-Proto', 'https'], ...plain }), { trustedHops: 0 }), 'http');
  });

  it('is what the proxies in front say, where they are believed and say one of the two, once', () => {
    const said: readonly (readonly string[])[] = [
      ['X-Forwarded-Proto', 'https'],
      ['x-forwarded-proto', 'http'],
      ['X-Forwarded-Proto', 'https', 'X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Proto', 'https,http'],
      ['X-Forwarded-Proto', 'HTTPS'],
      ['X-Forwarded-Proto', 'wss'],
      ['X_Forwarded_Proto', 'https'],
      [],
    ];
    assert.deepEqual(
      said.map((headers) => visitorScheme(inboundOf({ headers, ...plain }), { trustedHops: 1 })),
      ['https', ...Array.from({ length: 7 }, () => 'http')],
    );
  });
});
