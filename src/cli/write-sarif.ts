import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { IgnoredProblem } from '../config/apply-ignores.ts';
import { compareProblems } from '../config/compare-problems.ts';
import type { ProblemCode } from '../config/problem-codes.ts';
import { isErrorCode, problemTexts } from '../config/problem-codes.ts';
import type { Place, Problem } from '../config/problem.ts';
import { version } from './version.ts';

type Json = Readonly<Record<string, unknown>>;

/** Problems in the Static Analysis Results Interchange Format 2.1.0 (OASIS); ignored ones are in it, marked as suppressed. */
export function writeSarif(problems: readonly Problem[], ignored: readonly IgnoredProblem[]): Json {
  const reasons = new Map(ignored.map(({ problem, reason }) => [problem, reason]));
  const all = [...problems, ...reasons.keys()].toSorted(compareProblems);
  const codes = [...new Set(all.map(({ code }) => code))].toSorted();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Postern', version: version(), rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: all.map((problem) => resultOf(problem, { ruleIndex: codes.indexOf(problem.code), reason: reasons.get(problem) })),
      },
    ],
  };
}

function ruleOf(code: ProblemCode): Json {
  const { why, cure } = problemTexts[code];
  return {
    id: code,
    shortDescription: { text: why },
    help: { text: cure },
    defaultConfiguration: { level: isErrorCode(code) ? 'error' : 'warning' },
  };
}

function resultOf(problem: Problem, { ruleIndex, reason }: { readonly ruleIndex: number; readonly reason: string | undefined }): Json {
  const { code, severity, message, place } = problem;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: message },
    locations: place === undefined ? [] : [locationOf(place)],
    partialFingerprints: { 'message/v1': createHash('sha256').update(`${code}\n${message}`).digest('hex') },
    ...(reason === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: reason }] }),
  };
}

function locationOf(place: Place): Json {
  if (place.kind === 'environment') return { logicalLocations: [{ name: place.variable, kind: 'variable' }] };
  const { file, line, column, length } = place;
  const uri = isAbsolute(file) ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column, endColumn: column + length } } };
}
