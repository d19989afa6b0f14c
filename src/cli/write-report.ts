import type { CheckedConfiguration } from './check-configuration.ts';
import { plainProblems } from './plain-problems.ts';
import { writeCertificateHosts } from './write-certificate-hosts.ts';
import { writeSarif } from './write-sarif.ts';

export interface Report extends CheckedConfiguration {
  readonly format: ReportFormat;
}

/** `json` and `sarif` are one document each. */
export type ReportFormat = 'text' | 'json' | 'sarif';

export const reportFormats: readonly ReportFormat[] = ['text', 'json', 'sarif'];

/** What `postern check` prints on its standard output; the problems themselves go to people on the other one. */
export function writeReport(report: Report): string {
  const { format, ok, routes, problems, ignored, hosts } = report;
  switch (format) {
    case 'text':
      return ok ? writeGood(report) : '';
    case 'json': {
      const plainIgnored = ignored.flatMap(({ problem, reason }) => plainProblems([problem]).map((plain) => ({ ...plain, reason })));
      return `${JSON.stringify({ ok, routes, problems: plainProblems(problems), ignored: plainIgnored, hosts }, null, 2)}\n`;
    }
    case 'sarif':
      return `${JSON.stringify(writeSarif(problems, ignored), null, 2)}\n`;
  }
}

function writeGood({ routes, problems, ignored, hosts }: Report): string {
  const notes = [
    `${routes} ${routes === 1 ? 'route' : 'routes'}`,
    ...(problems.length === 0 ? [] : [`${problems.length} ${problems.length === 1 ? 'warning' : 'warnings'}`]),
    ...(ignored.length === 0 ? [] : [`${ignored.length} ignored`]),
  ];
  const table = writeCertificateHosts(hosts);
  return `The configuration is good: ${notes.join(', ')}\n${table === '' ? '' : `\n${table}`}`;
}
