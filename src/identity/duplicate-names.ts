const strings = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * Whether an object in a JSON text has a name twice. Parsers disagree about which of the two counts, so that one reader could see another
 * subject than the next (RFC 7519 section 4). The text has to be good JSON; `constructor` and `\u0063onstructor` are one name.
 */
export function hasDuplicateNames(json: string): boolean {
  // Of each object or list around the place: the names so far, undefined for a list.
  const open: (Set<string> | undefined)[] = [];
  let previous = '';
  let last = '';
  for (const [token] of json.matchAll(strings)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && (previous === '{' || previous === ',')) {
      const names = open.at(-1);
      const name = String(JSON.parse(last));
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
    previous = token.startsWith('"') ? previous : token;
    last = token;
  }
  return false;
}
