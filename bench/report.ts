import type { JudgedTarget } from './judge-targets.ts';
import { judgeTargets } from './judge-targets.ts';
import type { Results } from './results.ts';
import type { ScenarioSummary, Spread } from './summary.ts';
import { summarise } from './summary.ts';
import type { Table } from './table.ts';
import { alignTable, markdownTable } from './table.ts';
import type { Bound } from './targets.ts';

/** For the terminal. Targets are those of the Postern of this checkout, and left out where something else was measured. */
export function writeReport(results: Results, { withTargets = true }: { readonly withTargets?: boolean } = {}): string {
  const scenarios = summarise(results).map((each) => `${each.title}\n${alignTable(scenarioTable(each))}`);
  const micro = results.micro.length === 0 ? [] : [`Single steps\n${alignTable(microTable(results))}`];
  const left = results.skipped.length === 0 ? [] : [`Left out\n${skippedLines(results).join('\n')}`];
  const targets = withTargets ? judgeTargets(results) : [];
  const judged = targets.length === 0 ? [] : [`Musts and goals\n${alignTable(targetTable(targets), ['verdict'])}`];
  return [...scenarios, ...micro, ...left, conditionsOf(results).join('\n'), ...judged, ''].join('\n\n');
}

/** For docs/performance.md. */
export function writeMarkdown(results: Results): string {
  const scenarios = summarise(results).map(
    (each) => `### ${each.title}\n\n\`--scenario ${each.id}\` ${each.about}\n\n${markdownTable(scenarioTable(each))}`,
  );
  const skipped = skippedLines(results).map((line) => `- Left out: ${line}`);
  return [
    [...conditionsOf(results).map((line) => `- ${line}`), ...skipped].join('\n'),
    `### Musts and goals\n\n${markdownTable(targetTable(judgeTargets(results)))}`,
    ...scenarios,
    ...(results.micro.length === 0 ? [] : [`### Single steps\n\n${markdownTable(microTable(results))}`]),
  ].join('\n\n');
}

/** The ratio stands behind the column that it is of. */
function scenarioTable({ columns, ratio, rows }: ScenarioSummary): Table {
  const compared = rows.length === 1 ? undefined : ratio;
  const heads = columns.flatMap(({ key, title }) =>
    key === compared?.of ? [title, `ratio to ${compared.to} (lowest – highest)`] : [title],
  );
  const body = rows.map(({ candidate, figures, ratio: spread }) => [
    candidate,
    ...columns.flatMap(({ key, digits }) => {
      const cell = figures[key]?.toFixed(digits) ?? '–';
      return key === compared?.of ? [cell, candidate === compared.to ? '1' : spreadText(spread)] : [cell];
    }),
  ]);
  return [['', ...heads], ...body];
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '–';
  return `${spread.median.toFixed(2)} (${spread.lowest.toFixed(2)} – ${spread.highest.toFixed(2)})`;
}

function microTable({ micro }: Results): Table {
  return [['step', 'µs'], ...micro.map(({ name, microseconds }) => [name, microseconds.toFixed(microseconds < 1 ? 3 : 2)])];
}

function targetTable(judged: readonly JudgedTarget[]): Table {
  const rows = judged.map(({ what, unit, must, goal, measured, verdict, why }) => [
    what,
    measured === undefined ? '–' : `${shortNumber(measured)} ${unit}`,
    boundText(must, unit),
    boundText(goal, unit),
    why === undefined ? verdict : `${verdict}: ${firstLine(why)}`,
  ]);
  return [['', 'measured', 'must', 'goal', 'verdict'], ...rows];
}

function boundText({ kind, value }: Bound, unit: string): string {
  return `${kind === 'at most' ? '≤' : '≥'} ${value.toLocaleString('en')} ${unit}`;
}

function shortNumber(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function skippedLines({ skipped }: Results): readonly string[] {
  return skipped.map(({ what, why, isBroken }) => `${what}: ${isBroken ? 'failed, ' : ''}${firstLine(why)}`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function conditionsOf({ date, commit, machine, rounds, quick, load, upstream, candidates }: Results): readonly string[] {
  const { cores, cpu, memoryGib, kernel, node, openssl, nginx, pinned, loadBefore } = machine;
  // On a quiet machine hardly anything ran in the minute before.
  const shared = loadBefore > 0.5;
  return [
    `Measured on ${date} at commit ${commit.replace('+', ' with changes')}: ${rounds} rounds${quick ? ', short ones (--quick)' : ''}.`,
    `Machine: ${cores} cores of ${cpu}, ${memoryGib} GiB, Linux ${kernel}; Node ${node} with OpenSSL ${openssl}; ${nginx === undefined ? 'no nginx' : `nginx ${nginx}`}.`,
    pinned
      ? `The proxy had one core, load and upstream the other${cores > 2 ? 's' : ''}.`
      : 'Processes could not be pinned: proxy, load and upstream shared the cores.',
    `Load: ${load}. Upstream: ${upstream}. ${candidates.map(({ name, description }) => `${name}: ${description}`).join('; ')}.`,
    shared
      ? `Other jobs shared the machine (load average ${loadBefore} before the run): the ratios hold better than the times.`
      : `Nothing else ran to speak of (load average ${loadBefore} before the run).`,
  ];
}
