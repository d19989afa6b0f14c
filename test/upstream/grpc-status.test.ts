import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailureCode } from '../../src/http/proxy-failure.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { grpcStatusOf } from '../../src/upstream/grpc-status.ts';
import { Http2Failure } from '../../src/upstream/transports/http2-failure.ts';

function statusOf(code: FailureCode, resetCode?: number): number | undefined {
  const cause = new Http2Failure({ resetCode, wasUsed: false, cause: undefined });
  return grpcStatusOf(new ProxyFailure(code, 'failed', { cause }));
}

describe('grpcStatusOf()', () => {
  it('is DEADLINE_EXCEEDED for time that ran out, whatever the reason', () => {
    assert.deepEqual([statusOf('upstream-timeout'), statusOf('upstream-idle', 8), statusOf('request-overdue')], [4, 4, 4]);
  });

  it('is what gRPC says of a stream that the upstream reset', () => {
    assert.deepEqual(
      [0, 1, 2, 7, 8, 9, 11, 12, 99].map((code) => statusOf('upstream-broken', code)),
      [13, 13, 13, 14, 1, 13, 8, 7, 13],
    );
  });

  it('has nothing to add to the status of any other failure', () => {
    assert.deepEqual(
      [statusOf('upstream-broken'), statusOf('upstream-unreachable'), grpcStatusOf(new ProxyFailure('internal', 'x'))],
      [undefined, undefined, undefined],
    );
  });
});
