/** Rows of cells, the first of them the heads. */
export type Table = readonly (readonly string[])[];

/** For the terminal: words to the left, numbers to the right; the first column is words, and `words` are others. */
export function alignTable(table: Table, words: readonly string[] = []): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 || words.includes(table[0]?.[column] ?? '') ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return table.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

export function markdownTable([first = [], ...rows]: Table): string {
  const rule = first.map((_, column) => (column === 0 ? '---' : '---:'));
  return [markdownRow(first), `|${rule.join('|')}|`, ...rows.map(markdownRow)].join('\n');
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
