import type { PlaceTree } from './place-tree.ts';

export interface PlainKey {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface InlineReader {
  /** A value that begins and ends on one line, with its places put down; undefined where it is more, or wrong. */
  read(offset: number, key: PlainKey | undefined): unknown;
  /** The offset behind the value read last. */
  readonly end: number;
}

// With a bound, because YAML has one for keys as well; `<<` and whatever else means more than itself is none of these.
const plainKey = /[A-Za-z0-9_$/][A-Za-z0-9_.$/@-]{0,200}(?=:(?:[ \n]|$))/y;
const quoted = /"(?:[^"\\\n]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|'(?:[^'\n]|'')*'/y;
// A dash or a colon begins one where something follows at once: `-1`, `:443`.
const plainText = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`=<]|[-:](?![\s,[\]{}]|$))[^\n]*/y;
const plainInBrackets = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`=<]|[-:](?![\s,[\]{}]|$))[^\n,[\]{}]*/y;
const wholeNumber = /^(?:0|-?[1-9][0-9]{0,14})$/;
// What YAML takes for something else than a text: numbers of all kinds, truth values, nothing.
const noText = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-f]+|[-+]?\.(?:inf|nan)|true|false|null|~)$/i;
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const deepest = 16;

/** The key that begins at an offset; its colon stands behind it. */
export function keyAt(text: string, offset: number): PlainKey | undefined {
  plainKey.lastIndex = offset;
  if (!plainKey.test(text)) return undefined;
  const name = text.slice(offset, plainKey.lastIndex);
  // What it would do to an object of ours is the library's business.
  return name === '__proto__' ? undefined : { name, from: offset, to: offset + name.length };
}

/** Reads what stands on one line: a text, a number, a list in brackets, a map in braces. */
export function createInlineReader(text: string, places: PlaceTree): InlineReader {
  let end = 0;
  return {
    read: (offset, key) => readAt(offset, key, 0),
    get end() {
      return end;
    },
  };

  /** `depth` counts brackets: within some, a plain text ends at a comma as well. */
  function readAt(offset: number, key: PlainKey | undefined, depth: number): unknown {
    const place = places.open(key, offset, offset);
    const value = readValue(offset, depth);
    places.close(place, end);
    return value;
  }

  function readValue(offset: number, depth: number): unknown {
    const first = text[offset];
    if (first === '"' || first === "'") return readQuoted(offset);
    if (first === '[') return depth > deepest ? undefined : readList(offset, depth + 1);
    if (first === '{') return depth > deepest ? undefined : readMap(offset, depth + 1);
    return readPlain(offset, depth > 0 ? plainInBrackets : plainText);
  }

  function readPlain(from: number, expression: RegExp): unknown {
    expression.lastIndex = from;
    if (!expression.test(text)) return undefined;
    const found = text.slice(from, expression.lastIndex);
    const comment = found.indexOf(' #');
    const written = trimBlanks(comment === -1 ? found : found.slice(0, comment));
    // Behind a colon a value begins.
    if (written.includes(': ') || written.endsWith(':')) return undefined;
    end = from + written.length;
    if (!noText.test(written)) return written;
    return wholeNumber.test(written) ? Number(written) : words.get(written);
  }

  function readQuoted(from: number): unknown {
    quoted.lastIndex = from;
    if (!quoted.test(text)) return undefined;
    end = quoted.lastIndex;
    const written = text.slice(from, end);
    return written.startsWith('"') ? JSON.parse(written) : written.slice(1, -1).replaceAll("''", "'");
  }

  function readList(from: number, depth: number): unknown {
    const list: unknown[] = [];
    const isRead = readEntries(from, ']', (offset) => {
      const value = readAt(offset, undefined, depth);
      list.push(value);
      return value !== undefined;
    });
    return isRead ? list : undefined;
  }

  function readMap(from: number, depth: number): unknown {
    const map: Record<string, unknown> = {};
    const isRead = readEntries(from, '}', (offset) => {
      const key = keyAt(text, offset);
      if (key === undefined || Object.hasOwn(map, key.name)) return false;
      const value = readAt(afterBlanks(key.to + 1), key, depth);
      map[key.name] = value;
      return value !== undefined;
    });
    return isRead ? map : undefined;
  }

  /** With commas between them, and none behind the last. */
  function readEntries(open: number, close: ']' | '}', readEntry: (offset: number) => boolean): boolean {
    let offset = afterBlanks(open + 1);
    while (text[offset] !== close) {
      if (!readEntry(offset)) return false;
      offset = afterBlanks(end);
      if (text[offset] === close) break;
      if (text[offset] !== ',') return false;
      offset = afterBlanks(offset + 1);
      if (text[offset] === close) return false;
    }
    end = offset + 1;
    return true;
  }

  function afterBlanks(from: number): number {
    let offset = from;
    while (text[offset] === ' ') offset += 1;
    return offset;
  }
}

/** Not `trimEnd`, which takes away what is a part of the text to YAML. */
function trimBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
