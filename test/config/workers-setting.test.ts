import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/config/read-settings.ts';

function readWorkers(written: string): unknown {
  const read = readSettings({ file: undefined, environment: { INSECURE_SERVER: 'true', WORKERS: written } });
  if (read.ok) return read.document.settings.workers;
  return read.problems.find(({ severity }) => severity === 'error')?.message;
}

describe('workers', () => {
  it('is a number of processes, or the word for one on each core', () => {
    assert.deepEqual(['1', ' 4 ', '256', 'auto', 'AUTO'].map(readWorkers), [1, 4, 256, 'auto', 'auto']);
  });

  it('is nothing else', () => {
    for (const written of ['0', '257', '-1', '1.5', '1e1', 'many', ''])
      assert.equal(
        readWorkers(written),
        written === '' ? 'auto' : `workers "${written}" must be a whole number from 1 to 256, or auto: one for each core`,
      );
  });
});
