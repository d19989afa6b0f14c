import type { PlaceTree, PlaceWriter } from './place-tree.ts';
import { createPlaceTree, noPlaces } from './place-tree.ts';
import type { PlainKey } from './plain-yaml-keys.ts';
import { createKeyReader } from './plain-yaml-keys.ts';
import { createInlineReader } from './plain-yaml-values.ts';

/** A text read without the library: what it says. */
export interface PlainYaml {
  readonly value: unknown;
  /** Reads it once more: where each piece of it stands, which is asked of a text of which something is to be told. */
  readonly readPlaces: () => PlaceTree;
  /** In reading order; none where none of them speaks to Postern. */
  readonly comments: readonly YamlComment[];
}

export interface YamlComment {
  readonly from: number;
  /** From its `#` to the end of its line. */
  readonly source: string;
}

// Tabs, carriage returns and whatever else is no letter of a text: what YAML makes of them is left to the library.
// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const beyondPlain = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/;
const deepest = 64;
const newline = 10;
const space = 32;
const hash = 35;
const dash = 45;
const bar = 124;

/**
 * The YAML that configurations are made of: maps and lists in blocks, values of one line, texts behind `|`. Anything else, and anything that
 * is wrong, is undefined: the library reads it then, and says what is wrong with it. What is understood here the library would understand in
 * the same way, at a twentieth of the speed; a test and a fuzzer compare the two.
 */
export function readPlainYaml(text: string): PlainYaml | undefined {
  const found = beyondPlain.test(text) ? undefined : readWith(text, noPlaces);
  if (found === undefined) return undefined;
  const readPlaces = (): PlaceTree => {
    const places = createPlaceTree();
    readWith(text, places);
    return places;
  };
  return { ...found, readPlaces };
}

function readWith(text: string, places: PlaceWriter): Omit<PlainYaml, 'readPlaces'> | undefined {
  const keyAt = createKeyReader(text);
  const inline = createInlineReader(text, keyAt, places);
  const comments: YamlComment[] = [];
  const areMeant = text.includes('postern-ignore');
  // Where the next line with something on it begins, and how far it is indented; -1 behind the last one.
  const next = { at: 0, column: 0 };

  toContent(text.startsWith('---\n') ? 4 : 0);
  const value = next.column === 0 ? readMap(undefined, 0) : undefined;
  // What stands further in than its parent was read by nobody.
  return value === undefined || next.column !== -1 ? undefined : { value, comments };

  /** A map or a list that begins at the next line. */
  function readBlock(key: PlainKey | undefined, depth: number): unknown {
    if (depth > deepest) return undefined;
    return startsItem(next.at) ? readList(key, depth) : readMap(key, depth);
  }

  function readMap(ownKey: PlainKey | undefined, depth: number): unknown {
    const indent = next.column;
    const map: Record<string, unknown> = {};
    let place: number | undefined;
    do {
      const key = keyAt(next.at);
      // Written twice it is an error, which is told by the library.
      if (key === undefined || Object.hasOwn(map, key.name)) return undefined;
      // Its first key is pointed at for a map.
      place ??= places.open(ownKey, key.from, key.to);
      const found = readValue(key, indent, depth);
      if (found === undefined) return undefined;
      map[key.name] = found;
    } while (next.column === indent);
    places.close(place);
    return map;
  }

  /** What stands behind a colon, on its line or below it. */
  function readValue(key: PlainKey, indent: number, depth: number): unknown {
    const afterColon = key.to + 1;
    const offset = afterBlanks(afterColon);
    if (!endsLine(offset, afterColon)) return readInline(offset, key, indent);
    toNext(afterColon);
    if (next.column > indent) return readBlock(key, depth + 1);
    if (next.column === indent && startsItem(next.at)) return readList(key, depth + 1);
    places.close(places.open(key, afterColon, afterColon));
    return null;
  }

  function readList(key: PlainKey | undefined, depth: number): unknown {
    const indent = next.column;
    const list: unknown[] = [];
    // Of a list its first dash.
    const place = places.open(key, next.at, next.at + 1);
    while (next.column === indent && startsItem(next.at)) {
      const found = readItem(indent, depth);
      if (found === undefined) return undefined;
      list.push(found);
    }
    places.close(place);
    return list;
  }

  function readItem(indent: number, depth: number): unknown {
    const afterDash = next.at + 1;
    const offset = afterBlanks(afterDash);
    if (endsLine(offset, afterDash)) {
      toNext(afterDash);
      return next.column > indent ? readBlock(undefined, depth + 1) : undefined;
    }
    if (!startsItem(offset) && keyAt(offset) === undefined) return readInline(offset, undefined, indent);
    // A map or a list that begins on the line of the dash is indented as far as its first letter.
    next.column += offset - next.at;
    next.at = offset;
    return readBlock(undefined, depth + 1);
  }

  /** A value that begins on this line, and what must not follow it there. */
  function readInline(offset: number, key: PlainKey | undefined, indent: number): unknown {
    if (text.charCodeAt(offset) === bar) return readLiteral(offset, key, indent);
    const found = inline.read(offset, key);
    return found !== undefined && toNext(inline.end) ? found : undefined;
  }

  /** A text behind `|` or `|-`, its lines as they stand. Blank lines at its beginning are rare enough for the library. */
  function readLiteral(from: number, key: PlainKey | undefined, indent: number): unknown {
    const strips = text[from + 1] === '-';
    const begin = from + (strips ? 3 : 2);
    const width = afterBlanks(begin) - begin;
    if (text.charCodeAt(begin - 1) !== newline || width <= indent) return undefined;
    const lines: string[] = [];
    let line = begin;
    while (line < text.length) {
      const start = afterBlanks(line);
      const end = endOfLine(start);
      const isBlank = start === end;
      if (!isBlank && start - line < width) break;
      if (end === text.length || (isBlank && (lines.length === 0 || start - line > width))) return undefined;
      lines.push(text.slice(Math.min(line + width, end), end));
      line = end + 1;
    }
    places.close(places.open(key, from, line));
    toContent(line);
    while (lines.at(-1) === '') lines.pop();
    return lines.join('\n') + (strips ? '' : '\n');
  }

  /** Goes on from the end of a value: blanks and a comment may follow it, and lines of nothing else. */
  function toNext(from: number): boolean {
    const end = afterBlanks(from);
    if (!endsLine(end, from)) return false;
    toContent(text.charCodeAt(end) === hash ? skipComment(end) : end + 1);
    return true;
  }

  function toContent(start: number): void {
    let line = start;
    while (line < text.length) {
      const offset = afterBlanks(line);
      const code = text.charCodeAt(offset);
      if (code === hash) line = skipComment(offset);
      else if (code === newline || offset === text.length) line = offset + 1;
      else {
        next.at = offset;
        next.column = offset - line;
        return;
      }
    }
    next.at = text.length;
    next.column = -1;
  }

  /** Answers where the next line begins. */
  function skipComment(from: number): number {
    const end = endOfLine(from);
    if (areMeant) comments.push({ from, source: text.slice(from, end) });
    return end + 1;
  }

  function startsItem(offset: number): boolean {
    if (text.charCodeAt(offset) !== dash) return false;
    const behind = text.charCodeAt(offset + 1);
    return behind === space || behind === newline || offset + 1 === text.length;
  }

  function afterBlanks(from: number): number {
    let offset = from;
    while (text.charCodeAt(offset) === space) offset += 1;
    return offset;
  }

  function endOfLine(from: number): number {
    const end = text.indexOf('\n', from);
    return end === -1 ? text.length : end;
  }

  function endsLine(offset: number, blanksFrom: number): boolean {
    const code = text.charCodeAt(offset);
    return code === newline || offset === text.length || (code === hash && offset > blanksFrom);
  }
}
