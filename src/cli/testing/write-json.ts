import type { Place } from '../../config/problem.ts';
import type { Coverage } from './coverage.ts';
import type { Report } from './report.ts';
import { countResults, isPassed, nearTrace } from './report.ts';

/** A run as one JSON document; `ok` is whether every case passed. */
export function writeJson({ suites, coverage, ms }: Report): string {
  const { all, failed } = countResults(suites);
  const cases = suites.flatMap(({ file, results }) =>
    results.map((result) => ({
      name: result.name,
      file,
      ...lineOf(result.place),
      ok: isPassed(result),
      ms: result.ms,
      ...(isPassed(result) ? {} : { differences: result.differences, trace: nearTrace(result) }),
    })),
  );
  const document = {
    ok: failed === 0,
    passed: all - failed,
    failed,
    ms,
    cases,
    ...(coverage === undefined ? {} : { coverage: plainCoverage(coverage) }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function plainCoverage({ gaps, ...rest }: Coverage): object {
  return {
    ...rest,
    gaps: gaps.map(({ kind, route, subject, missing, place }) => ({
      kind,
      route,
      subject,
      missing,
      ...(place?.kind === 'file' ? { file: place.file } : {}),
      ...lineOf(place),
    })),
  };
}

function lineOf(place: Place | undefined): { readonly line?: number } {
  return place?.kind === 'file' ? { line: place.line } : {};
}
