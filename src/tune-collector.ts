import { setFlagsFromString } from 'node:v8';

/**
 * Flags of V8, with which a process that has rested is as fast as before. The first keeps what was compiled: V8 would use the pause to shrink
 * the heap, and drop all code for kinds of objects of which none was left. With the second the heap may grow to three times what is alive
 * before all of it is collected: after a pause V8 would do that every few thousand requests.
 */
export const collectorFlags: readonly string[] = ['--memory-reducer-gc-count=0', '--heap-growing-percent=200'];

/** For a process that serves, at its start; what it costs in memory is in docs/decisions/018. */
export function tuneCollector(): void {
  for (const flag of collectorFlags) setFlagsFromString(flag);
}
