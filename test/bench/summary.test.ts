import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ratioOf, summarise } from '../../bench/summary.ts';
import { resultsOf, rounds } from './results-of-test.ts';

describe('ratioOf()', () => {
  const results = resultsOf({
    measurements: [
      ...rounds('http1', 'nginx', [10, 20, 10]),
      ...rounds('http1', 'postern', [20, 30, 40]),
      ...rounds('http1', 'caddy', [90]),
    ],
  });

  it('compares what was measured in the same round', () => {
    assert.deepEqual(ratioOf(results, { scenario: 'http1', of: 'postern' }), { median: 2, lowest: 1.5, highest: 4 });
  });

  it('compares with somebody else when told to, in the rounds that both took part in', () => {
    assert.deepEqual(ratioOf(results, { scenario: 'http1', of: 'caddy', to: 'postern' }), { median: 4.5, lowest: 4.5, highest: 4.5 });
  });

  it('has nothing to say of the yardstick, of somebody absent and of a scenario that compares nothing', () => {
    const asked = [
      { scenario: 'http1', of: 'nginx' },
      { scenario: 'http1', of: 'envoy' },
      { scenario: 'start', of: 'postern' },
    ];
    assert.deepEqual(
      asked.map((each) => ratioOf(results, each)),
      [undefined, undefined, undefined],
    );
  });
});

describe('summarise()', () => {
  it('gives medians, contestants in the order they were measured in, and no scenario that was not', () => {
    const measurements = [...rounds('http2', 'nginx', [10, 30, 20]), ...rounds('http2', 'postern', [40, 60, 50])];
    const [summary, ...others] = summarise(resultsOf({ measurements }));
    assert.deepEqual(others, []);
    assert.deepEqual(
      [summary?.id, summary?.rows],
      [
        'http2',
        [
          { candidate: 'nginx', figures: { cpuMicroseconds: 20 }, ratio: undefined },
          { candidate: 'postern', figures: { cpuMicroseconds: 50 }, ratio: { median: 2.5, lowest: 2, highest: 4 } },
        ],
      ],
    );
  });
});
