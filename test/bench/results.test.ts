import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResults } from '../../bench/results.ts';
import { resultsOf, rounds } from './results-of-test.ts';

describe('readResults()', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-results-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  function written(content: unknown): string {
    const file = join(directory, 'results.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  it('reads what was kept', () => {
    const results = resultsOf({ measurements: rounds('http1', 'nginx', [20]) });
    assert.deepEqual(readResults(written(results)), results);
  });

  it('understands the first version, which had the figures beside the names', () => {
    const { skipped: _, ...rest } = resultsOf();
    const measurements = [{ scenario: 'http1', candidate: 'nginx', round: 1, cpuMicroseconds: 20, p99: 3 }];
    const read = readResults(written({ ...rest, version: 1, measurements }));
    const figures = { cpuMicroseconds: 20, p99: 3 };
    assert.deepEqual(read, resultsOf({ measurements: [{ scenario: 'http1', candidate: 'nginx', round: 1, figures }] }));
  });

  it('refuses another version', () => {
    assert.throws(() => readResults(written({ ...resultsOf(), version: 3 })), /another version than 1 and 2$/);
  });
});
