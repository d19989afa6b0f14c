import type { Machine } from '../machine.ts';
import type { Stage } from '../stage.ts';

/** What one measurement came to, by column. */
export type Figures = Readonly<Record<string, number>>;

export interface Column {
  readonly key: string;
  /** For tables, unit included. */
  readonly title: string;
  /** Behind the point. */
  readonly digits: number;
}

/** Whatever is compared within a scenario: proxies, two Posterns, or one Postern in two situations. */
export interface Contestant {
  readonly name: string;
  /** Before its first measurement: the compilers behind Node need to have seen it all. */
  warmUp(): Promise<void>;
  /** Rejects when any answer was another than it has to be. */
  measure(): Promise<Figures>;
}

/** One thing that is measured. */
export interface Scenario {
  /** For `--scenario`. */
  readonly id: string;
  /** For tables. */
  readonly title: string;
  /** What one measurement is, and what limits it; goes into docs/performance.md. */
  readonly about: string;
  readonly columns: readonly Column[];
  /** The column that says what it costs, and the contestant to whose cost that of the others is compared; absent: nothing is compared. */
  readonly ratio?: { readonly of: string; readonly to: string };
  /** Where the rounds of a run would be too many: what is measured takes long, or can be measured only once. */
  readonly mostRounds?: number;
  /** Whether it asks Postern only for what every commit of it can do, so that two commits can be compared by it. */
  readonly isForAnyCommit?: boolean;
  /** Why it can't be measured here ("h2load is not installed"); undefined when it can. */
  missing?(machine: Machine): string | undefined;
  /** Makes everything ready. What it opens for itself is left to `leaving`, which is disposed after the last round. */
  enter(stage: Stage, leaving: AsyncDisposableStack): Promise<readonly Contestant[]>;
}
