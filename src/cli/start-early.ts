import { readFileSync, statSync } from 'node:fs';
import type { SettingsInput } from '../config/read-settings.ts';
import { countWorkers } from '../workers/worker-count.ts';
import type { Machine } from '../workers/worker-count.ts';
import type { SupervisorFace } from '../workers/worker-faces.ts';
import type { WorkerProcess, WorkerProgram } from '../workers/worker-process.ts';
import { forkWorker } from '../workers/worker-process.ts';

export interface EarlyStart {
  /** Starts a worker; the first one may have been started already. */
  readonly fork: (number: number, answers: SupervisorFace) => WorkerProcess;
  /** Ends the one that was started early and that nobody wanted. */
  endUnused(): void;
}

/**
 * Starts a worker before the configuration is read, where it is plain without reading that there will be several: it loads its program
 * meanwhile, and waits for its order. Where it is not plain, none is started until it is known.
 */
export function startEarly(input: SettingsInput, { machine, ...program }: WorkerProgram & { readonly machine: Machine }): EarlyStart {
  const answers = Promise.withResolvers<SupervisorFace>();
  let early = countWorkers('auto', machine) > 1 && saysNothing(input) ? forkWorker(program, answers.promise) : undefined;
  return {
    fork(_, face) {
      const started = early;
      if (started === undefined) return forkWorker(program, face);
      early = undefined;
      answers.resolve(face);
      return started;
    },
    endUnused() {
      early?.kill();
      early = undefined;
    },
  };
}

/** Nothing of how many workers there are to be. A file that holds the word at all may say something. */
function saysNothing({ file, environment }: SettingsInput): boolean {
  if (environment?.['WORKERS'] !== undefined) return false;
  if (file === undefined) return true;
  try {
    // A pipe can be read once only, by whoever reads the configuration.
    return statSync(file).isFile() && !readFileSync(file, 'latin1').includes('workers');
  } catch {
    // Whatever is the matter with it is told when it is read.
    return false;
  }
}
