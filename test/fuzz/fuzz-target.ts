import type { Random } from './random.ts';

/** One reader, or one way through the program, with what has to be true of it for every input. */
export interface FuzzTarget {
  /** Of its file, and of its corpus. */
  readonly name: string;
  /** How many inputs a run of the tests makes, for each of two seeds. */
  readonly briefly: number;
  /** Outcomes that such a run with the fixed seed has to meet: inputs that are all refused at the first byte prove nothing. */
  readonly meets: readonly string[];
  readonly open: () => Promise<OpenTarget>;
}

export interface OpenTarget extends AsyncDisposable {
  /** Where mutations begin, beside the corpus. */
  readonly seeds: readonly Buffer[];
  /** Makes an input; `known` are the seeds, the corpus, and inputs of this run that led to an outcome nobody had seen before. */
  readonly make: (random: Random, known: readonly Buffer[]) => Buffer;
  /**
   * Throws when something that has to hold does not. Otherwise it tells in a word or two what became of the input; the bytes decide
   * everything, so that the same ones can be tried again.
   */
  readonly check: (input: Buffer) => string | Promise<string>;
}

/** For a target that holds nothing open. */
export function closesNothing(): Promise<void> {
  return Promise.resolve();
}
