import type { BenchFiles } from '../bench-files.ts';
import type { Machine } from '../machine.ts';
import { createH2load } from './h2load.ts';
import type { LoadGenerator } from './load.ts';
import { ownLoad } from './own-load.ts';

/** h2load where it is installed, else clients of our own. */
export function chooseLoad({ h2load }: Pick<Machine, 'h2load'>, { directory }: BenchFiles): LoadGenerator {
  return h2load === undefined ? ownLoad : createH2load(h2load, directory);
}
