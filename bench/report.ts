import type { Results } from './results.ts';
import type { SummaryRow } from './summary.ts';
import { summarise } from './summary.ts';

/** Rows of cells, the first of them the heads. */
type Table = readonly (readonly string[])[];

const heads = ['candidate', 'CPU µs per request', 'ratio to nginx (lowest – highest)', 'requests/s', 'p50 ms', 'p99 ms', 'memory MiB'];

/** For the terminal. */
export function writeReport(results: Results): string {
  const parts = summarise(results).map(({ title, rows }) => `${title}\n${align([heads, ...rows.map(cellsOf)])}`);
  return [...parts, `Single steps\n${align(microTable(results))}`, conditionsOf(results).join('\n'), ''].join('\n\n');
}

/** For docs/performance.md. */
export function writeMarkdown(results: Results): string {
  const parts = summarise(results).map(({ title, rows }) => `### ${title}\n\n${markdownTable([heads, ...rows.map(cellsOf)])}`);
  const conditions = conditionsOf(results).map((line) => `- ${line}`);
  return [conditions.join('\n'), ...parts, `### Single steps\n\n${markdownTable(microTable(results))}`].join('\n\n');
}

function cellsOf({ candidate, cpuMicroseconds, ratio, requestsPerSecond, p50, p99, memoryMib }: SummaryRow): readonly string[] {
  const { median, lowest, highest } = ratio ?? { median: 1, lowest: 1, highest: 1 };
  const ratioText =
    candidate === 'nginx' ? '1' : ratio === undefined ? 'no nginx' : `${median.toFixed(2)} (${lowest.toFixed(2)} – ${highest.toFixed(2)})`;
  return [
    candidate,
    cpuMicroseconds.toFixed(1),
    ratioText,
    requestsPerSecond.toFixed(0),
    p50.toFixed(2),
    p99.toFixed(2),
    memoryMib.toFixed(0),
  ];
}

function microTable({ micro }: Results): Table {
  return [['step', 'µs'], ...micro.map(({ name, microseconds }) => [name, microseconds.toFixed(microseconds < 1 ? 3 : 2)])];
}

function conditionsOf({ date, commit, machine, rounds, quick, load, upstream, candidates }: Results): readonly string[] {
  const { cores, cpu, memoryGib, kernel, node, openssl, nginx, pinned, loadBefore } = machine;
  // On a quiet machine hardly anything ran in the minute before.
  const shared = loadBefore > 0.5;
  return [
    `Measured on ${date} at commit ${commit.replace('+', ' with changes')}: ${rounds} rounds${quick ? ', short ones (--quick)' : ''}.`,
    `Machine: ${cores} cores of ${cpu}, ${memoryGib} GiB, Linux ${kernel}; Node ${node} with OpenSSL ${openssl}; ${nginx === undefined ? 'no nginx' : `nginx ${nginx}`}.`,
    pinned
      ? 'The proxy had one core, load and upstream the other.'
      : 'Processes could not be pinned: proxy, load and upstream shared the cores.',
    `Load: ${load}. Upstream: ${upstream}. ${candidates.map(({ name, description }) => `${name}: ${description}`).join('; ')}.`,
    shared
      ? `Other jobs shared the machine (load average ${loadBefore} before the run): the ratios hold better than the times.`
      : `Nothing else ran to speak of (load average ${loadBefore} before the run).`,
  ];
}

function align(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return table.map(line).join('\n');
}

function markdownTable([first = [], ...rows]: Table): string {
  const rule = first.map((_, column) => (column === 0 ? '---' : '---:'));
  return [markdownRow(first), `|${rule.join('|')}|`, ...rows.map(markdownRow)].join('\n');
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
