import { coverageLines } from './coverage-lines.ts';
import { differenceLines } from './difference-lines.ts';
import type { Report, SuiteResult } from './report.ts';
import { countResults, isPassed, placeText } from './report.ts';
import type { CaseResult } from './run-case.ts';
import { writeWalk } from '../write-explanation.ts';

/** A run as the XML that build servers read as JUnit's; coverage is a suite without cases. */
export function writeJunit({ suites, coverage, ms }: Report): string {
  const { all, failed } = countResults(suites);
  const covered =
    coverage === undefined
      ? []
      : [
          '  <testsuite name="coverage" tests="0" failures="0" errors="0">',
          `    <properties><property name="percent" value="${coverage.percent}"/></properties>`,
          `    <system-out>${text(coverageLines(coverage, 100).join('\n'))}</system-out>`,
          '  </testsuite>',
        ];
  return document(`tests="${all}" failures="${failed}" errors="0" time="${seconds(ms)}"`, [...suites.flatMap(writeSuite), ...covered]);
}

/** A run that could not begin, as one case with an error, so that a build server shows why. */
export function writeJunitError(reason: string): string {
  return document('tests="1" failures="0" errors="1"', [
    '  <testsuite name="postern test" tests="1" failures="0" errors="1">',
    `    <testcase classname="postern test" name="configuration"><error message="problems">${text(reason)}</error></testcase>`,
    '  </testsuite>',
  ]);
}

function document(attributes: string, lines: readonly string[]): string {
  return `${['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="postern test" ${attributes}>`, ...lines, '</testsuites>'].join('\n')}\n`;
}

function writeSuite(suite: SuiteResult): readonly string[] {
  const { all, failed } = countResults([suite]);
  const ms = suite.results.reduce((sum, result) => sum + result.ms, 0);
  return [
    `  <testsuite name="${attribute(suite.file)}" tests="${all}" failures="${failed}" errors="0" time="${seconds(ms)}">`,
    ...suite.results.flatMap((result) => writeCase(result, suite.file)),
    '  </testsuite>',
  ];
}

function writeCase(result: CaseResult, file: string): readonly string[] {
  const { name, place, ms, differences, trace } = result;
  const line = place?.kind === 'file' ? ` file="${attribute(place.file)}" line="${place.line}"` : '';
  const begin = `    <testcase classname="${attribute(file)}" name="${attribute(name)}"${line} time="${seconds(ms)}"`;
  if (isPassed(result)) return [`${begin}/>`];
  const message = differences.map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`).join('; ');
  const details = [placeText(place, file), '', ...differenceLines(differences, 100), '', ...writeWalk(trace, 100)].join('\n');
  return [`${begin}>`, `      <failure type="expectation" message="${attribute(message)}">${text(details)}</failure>`, '    </testcase>'];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// XML 1.0 section 2.2: what is no character of it can't be written, not even as a reference.
const forbidden = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu;

function text(value: string): string {
  return value.replace(forbidden, '\ufffd').replace(/[&<>"]/g, (character) => entities[character] ?? '');
}

function attribute(value: string): string {
  return text(value).replace(/[\t\n\r]/g, ' ');
}
