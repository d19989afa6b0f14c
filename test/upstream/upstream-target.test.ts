import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { upstreamPath, upstreamTarget } from '../../src/upstream/upstream-target.ts';
import { inboundOf } from './example-request.ts';

describe('upstreamTarget()', () => {
  it('is the canonical path and the query byte for byte, where nothing is rewritten', () => {
    const route = { routeId: '0', rewritePath: undefined };
    assert.equal(upstreamTarget(route, inboundOf({ target: '/a/%2e%2e/b?x=/../%2e&y' })), '/b?x=/../%2e&y');
  });

  it('rewrites the path and leaves the query alone', () => {
    const other = inboundOf({ target: '/other' }).path;
    assert.equal(upstreamTarget({ routeId: '0', rewritePath: () => other }, inboundOf({ target: '/a?b=/a' })), '/other?b=/a');
  });

  it('sends nothing where no path came out', () => {
    const route = { routeId: '0', rewritePath: () => undefined };
    assert.equal(upstreamPath(route, inboundOf()), undefined);
    assert.throws(
      () => upstreamTarget(route, inboundOf()),
      (error) => error instanceof ProxyFailure && error.code === 'internal',
    );
  });
});
