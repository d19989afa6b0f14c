import type { BenchFiles } from './bench-files.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { PosternCandidate } from './candidates/postern.ts';
import type { LoadGenerator } from './load/load.ts';
import type { Machine } from './machine.ts';
import type { Upstream } from './upstream.ts';

/** What scenarios are measured with. */
export interface Stage {
  readonly files: BenchFiles;
  readonly machine: Machine;
  readonly load: LoadGenerator;
  readonly upstream: Upstream;
  /** How long one measurement is meant to take. */
  readonly seconds: number;
  /** Under full load, before the first round. */
  readonly warmUpRequests: number;
  readonly quick: boolean;
  /** One, or two where two commits are compared. */
  readonly posterns: readonly PosternCandidate[];
  /** nginx first, Postern last; only those that take part in the scenario. They run for as long as the run lasts. */
  candidatesFor(scenario: string): readonly Candidate[];
}
