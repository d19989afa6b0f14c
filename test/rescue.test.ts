import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailureCode } from '../src/http/proxy-failure.ts';
import { failureCodes, ProxyFailure } from '../src/http/proxy-failure.ts';
import { asFailure, rescue } from '../src/rescue.ts';

const json = { id: 'reference-7', headers: ['Accept', 'application/json'] };
const codes = Object.keys(failureCodes) as readonly FailureCode[];

describe('rescue()', () => {
  it('gives every failure its status', () => {
    const statuses = Object.fromEntries(codes.map((code) => [code, rescue(new ProxyFailure(code, 'why'), json).status]));
    assert.deepEqual(statuses, {
      'client-aborted': 400,
      'client-timeout': 408,
      'client-stalled': 408,
      'request-overdue': 504,
      'access-ended': 403,
      'server-stopping': 503,
      'upstream-unreachable': 503,
      'upstream-tls': 503,
      'upstream-broken': 502,
      'upstream-timeout': 504,
      'upstream-idle': 504,
      'upstream-upgrade-invalid': 502,
      'provider-unreachable': 503,
      'provider-refused': 502,
      'store-failed': 503,
      internal: 500,
    });
  });

  it('answers with the reference and nothing about the cause, whatever the client reads', () => {
    const cause = new Error('password=hunter2 at /srv/secret.ts:1');
    for (const code of codes) {
      for (const accept of ['text/html', 'application/json', 'text/plain']) {
        const { body } = rescue(new ProxyFailure(code, 'Cannot reach 10.0.0.7', { cause }), {
          id: 'reference-7',
          headers: ['Accept', accept],
        });
        assert.match(String(body), /reference-7/);
        assert.doesNotMatch(String(body), /hunter2|10\.0\.0\.7|secret\.ts/);
      }
    }
  });
});

describe('asFailure()', () => {
  it('leaves a failure as it is', () => {
    const failure = new ProxyFailure('upstream-timeout', 'late');
    assert.equal(asFailure(failure), failure);
  });

  it('makes an internal one of whatever else was thrown, and keeps it as the cause', () => {
    for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null]) {
      const { code, source, retryable, message, cause } = asFailure(thrown);
      assert.deepEqual([code, source, retryable, message, cause], ['internal', 'internal', false, 'Cannot serve the request', thrown]);
    }
  });
});
