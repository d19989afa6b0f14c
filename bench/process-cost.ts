import { readFileSync, writeFileSync } from 'node:fs';

/** What the kernel says a process and everything it started have cost so far. */
export interface ProcessCost {
  readonly cpuMs: number;
  /** Resident memory now, of all of them together. */
  readonly memoryMib: number;
}

// USER_HZ, the unit of /proc, is 100 on every Linux that Node runs on.
const msPerTick = 10;

/** CPU time from /proc/PID/stat: user and system time, of children that are alive and of those that ended. Linux only. */
export function processCost(pid: number): ProcessCost {
  const costs = familyOf(pid).map(costOf);
  return { cpuMs: sumOf(costs.map(({ cpuMs }) => cpuMs)), memoryMib: sumOf(costs.map(({ memoryMib }) => memoryMib)) };
}

/** From now on `peakMib` tells the most since now. */
export function forgetPeak(pid: number): void {
  // 5 sets the mark of the highest resident memory back to what is resident now (proc(5), clear_refs).
  for (const each of familyOf(pid)) writeFileSync(`/proc/${each}/clear_refs`, '5');
}

/** The most memory that was resident; of several processes the sum, as though all had met their highest mark at once. */
export function peakMib(pid: number): number {
  return sumOf(familyOf(pid).map((each) => statusMib(each, 'VmHWM')));
}

function costOf(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name and may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime, cstime: fields 14 to 17, counted from 1, of which the first three are gone.
  const ticks = sumOf(fields.slice(11, 15).map(Number));
  return { cpuMs: ticks * msPerTick, memoryMib: statusMib(pid, 'VmRSS') };
}

function statusMib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) / 1024;
}

/** The process, its children, and theirs. */
function familyOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return [pid, ...(text === '' ? [] : text.split(' ').flatMap((child) => familyOf(Number(child))))];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}
