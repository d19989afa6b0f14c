import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { figureNames, metricTable } from '../../src/observe/metric-table.ts';
import { processFigures } from '../../src/observe/process-figures.ts';

const figures = new Map(processFigures);
const read = (name: Parameters<typeof figures.get>[0]): number => figures.get(name)?.() ?? Number.NaN;

describe('processFigures', () => {
  it('are those of the table that speak of the process', () => {
    const ofTheProcess = figureNames.filter((name) => name.startsWith('process_') || name.startsWith('event_loop_'));
    assert.deepEqual([...figures.keys()], ofTheProcess);
    for (const name of ofTheProcess) assert.equal(metricTable[name].type, name.endsWith('_total') ? 'counter' : 'gauge');
  });

  it('count in seconds and bytes', async () => {
    // What the loop did is told from its first turn on.
    await setTimeout(5);
    assert.ok(Math.abs(read('process_start_time_seconds') + process.uptime() - Date.now() / 1000) < 5);
    const { user, system } = process.cpuUsage();
    assert.ok(Math.abs(read('process_cpu_seconds_total') - (user + system) / 1e6) < 1);
    assert.ok(read('process_resident_memory_bytes') > 10_000_000);
    assert.ok(read('event_loop_busy_seconds_total') > 0 && read('event_loop_busy_seconds_total') <= process.uptime());
  });

  it('see each descriptor that is opened, below the most there may be', { skip: process.platform !== 'linux' }, async () => {
    const before = read('process_open_fds');
    await using file = await open(import.meta.filename);
    assert.ok(file.fd > 0);
    assert.equal(read('process_open_fds'), before + 1);
    assert.ok(read('process_max_fds') > before);
  });
});
