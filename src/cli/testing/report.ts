import type { Coverage } from './coverage.ts';
import type { CaseResult } from './run-case.ts';

/** What came of a run, for whatever format. */
export interface Report {
  readonly suites: readonly SuiteResult[];
  /** Undefined where nobody asked for it. */
  readonly coverage: Coverage | undefined;
  readonly ms: number;
}

export interface SuiteResult {
  readonly file: string;
  readonly results: readonly CaseResult[];
}

export function isPassed({ differences }: CaseResult): boolean {
  return differences.length === 0;
}

export interface Counts {
  readonly all: number;
  readonly failed: number;
}

export function countResults(suites: readonly SuiteResult[]): Counts {
  const results = suites.flatMap((suite) => suite.results);
  return { all: results.length, failed: results.filter((result) => !isPassed(result)).length };
}

/** `file:line`, or the name of the suite where there is no line. */
export function placeText(place: CaseResult['place'], otherwise: string): string {
  return place?.kind === 'file' ? `${place.file}:${place.line}` : otherwise;
}

/** The walk of a case for machines: of a thousand routes those of other hosts are of no interest. */
export function nearTrace({ trace }: CaseResult): CaseResult['trace'] {
  return trace.filter(({ step, detail }) => step !== 'route' || detail !== 'another host');
}
