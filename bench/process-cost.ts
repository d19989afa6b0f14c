import { readFileSync } from 'node:fs';

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
  const own = costOf(pid);
  return childrenOf(pid)
    .map(processCost)
    .reduce((sum, each) => ({ cpuMs: sum.cpuMs + each.cpuMs, memoryMib: sum.memoryMib + each.memoryMib }), own);
}

function costOf(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name and may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime, cstime: fields 14 to 17, counted from 1, of which the first three are gone.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return { cpuMs: ticks * msPerTick, memoryMib: Number(resident ?? 0) / 1024 };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
