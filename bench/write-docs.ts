import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeMarkdown } from './report.ts';
import type { Results } from './results.ts';

const page = join(import.meta.dirname, '../docs/performance.md');
const start = '<!-- figures: written by `npm run bench -- --write-docs` -->';
const end = '<!-- end of figures -->';

/** Replaces the figures in docs/performance.md, between its two marks, by those of a run. Everything else on the page stays. */
export function writeDocs(results: Results): void {
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`Cannot write docs/performance.md: it has lost the marks ${start} and ${end}`);
  writeFileSync(page, `${text.slice(0, from + start.length)}\n\n${writeMarkdown(results)}\n\n${text.slice(to)}`);
}
