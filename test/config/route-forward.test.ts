import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf } from './given-route.ts';

describe('readForward()', () => {
  it('gives no limit to what may go on for hours, unless the route says one', () => {
    const routes = [
      {},
      { allow_websockets: true },
      { allow_spdy: true },
      { kubernetes_service_account_token: 'hunter2' },
      { allow_websockets: true, timeout: '1s' },
      { allow_spdy: true, idle_timeout: '1s' },
      { idle_timeout: '1h' },
      { timeout: '0s', idle_timeout: '0s' },
    ];
    assert.deepEqual(
      routes.map((route) => {
        const { timeoutMs, idleTimeoutMs } = forwardOf(route);
        return [timeoutMs, idleTimeoutMs];
      }),
      [
        [30_000, 300_000],
        [0, 0],
        [0, 0],
        [0, 0],
        [1000, 0],
        [0, 1000],
        [30_000, 3_600_000],
        [0, 0],
      ],
    );
  });

  it('allows the upgrades that are written', () => {
    const routes = [{}, { allow_websockets: true }, { allow_spdy: true }];
    assert.deepEqual(
      routes.map((route) => forwardOf(route).upgrades),
      [[], ['websocket'], ['spdy/3.1']],
    );
  });
});
