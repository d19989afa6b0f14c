/** The name a writer may have meant: the one with the fewest edits, undefined when even that one is far off. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  // A word of thousands of letters is no typing error of a short name, and comparing it would take its time.
  if (written.length > 40) return undefined;
  let nearest: string | undefined;
  let fewest = (written.length < 4 ? 1 : Math.max(2, Math.floor(written.length / 3))) + 1;
  for (const name of names) {
    const edits = editDistance(written.toLowerCase(), name);
    if (edits < fewest) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

/** `; did you mean "email"?`, or what else to write when nothing is near. */
export function suggestName(written: string, names: readonly string[]): string {
  const nearest = nearestName(written, names);
  return nearest === undefined ? `; write one of ${names.join(', ')}` : `; did you mean "${nearest}"?`;
}

/** Levenshtein's, one row at a time: how far each beginning of `other` is from what was read of `one`. */
function editDistance(one: string, other: string): number {
  let row = Array.from(other, (_, column) => column + 1);
  for (const [line, letter] of one.split('').entries()) {
    let diagonal = line;
    let left = line + 1;
    row = row.map((above, column) => {
      const change = diagonal + (letter === other[column] ? 0 : 1);
      diagonal = above;
      left = Math.min(change, above + 1, left + 1);
      return left;
    });
  }
  return row.at(-1) ?? one.length;
}
