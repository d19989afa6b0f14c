import { readFileSync, readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { FigureName } from './metric-table.ts';

/** How to read what the process itself takes, for `Metrics.figure`. Undefined: it can't be had here. */
export const processFigures: readonly (readonly [FigureName, () => number | undefined])[] = [
  ['process_start_time_seconds', () => performance.timeOrigin / 1000],
  ['process_cpu_seconds_total', cpuSeconds],
  ['process_resident_memory_bytes', () => process.memoryUsage.rss()],
  ['process_open_fds', openDescriptors],
  ['process_max_fds', mostDescriptors],
  ['event_loop_busy_seconds_total', () => performance.eventLoopUtilization().active / 1000],
];

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Linux alone tells; the one that reads the folder is not counted. */
function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    // Another system, or /proc is not mounted: the figure is missing, and everything else goes on.
    return undefined;
  }
}

function mostDescriptors(): number | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    // As above.
    return undefined;
  }
}
