import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareResults, comparisonTable } from '../../bench/compare-results.ts';
import { resultsOf, rounds } from './results-of-test.ts';

describe('compareResults()', () => {
  const before = resultsOf({
    measurements: [
      ...rounds('http1', 'nginx', [20, 20]),
      ...rounds('http1', 'postern', [100, 100]),
      ...rounds('http1', 'caddy', [80]),
      ...rounds('redirect', 'postern', [70]),
    ],
  });
  const after = resultsOf({ measurements: [...rounds('http1', 'nginx', [25, 25]), ...rounds('http1', 'postern', [50, 50])] });

  it('sets beside each other what both hold, by what the scenario compares', () => {
    const what = 'CPU µs per request';
    assert.deepEqual(compareResults(before, after), [
      { scenario: 'http1', candidate: 'nginx', what, before: 20, after: 25, ratioBefore: undefined, ratioAfter: undefined },
      { scenario: 'http1', candidate: 'postern', what, before: 100, after: 50, ratioBefore: 5, ratioAfter: 2 },
    ]);
  });

  it('shows the change of times and of ratios', () => {
    assert.deepEqual(comparisonTable(compareResults(before, after)).at(-1), [
      'http1  postern  CPU µs per request',
      '100.0',
      '50.0',
      '-50.0 %',
      '5.00',
      '2.00',
      '-60.0 %',
    ]);
  });
});
