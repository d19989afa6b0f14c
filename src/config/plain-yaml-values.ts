import type { PlaceWriter } from './place-tree.ts';
import { noPlaces } from './place-tree.ts';
import type { KeyReader, PlainKey } from './plain-yaml-keys.ts';
import { createRepeats } from './plain-yaml-repeats.ts';

export interface InlineReader {
  /** A value that begins and ends on one line, with its places put down; undefined where it is more, or wrong. */
  read(offset: number, key: PlainKey | undefined): unknown;
  /** The offset behind the value read last. */
  readonly end: number;
}

const quoted = /"(?:[^"\\\n]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|'(?:[^'\n]|'')*'/y;
// A dash or a colon begins one where something follows at once: `-1`, `:443`.
const plainText = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`=<]|[-:](?![\s,[\]{}]|$))[^\n]*/y;
const plainInBrackets = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`=<]|[-:](?![\s,[\]{}]|$))[^\n,[\]{}]*/y;
const wholeNumber = /^(?:0|-?[1-9][0-9]{0,14})$/;
// What YAML takes for something else than a text: numbers of all kinds, truth values, nothing.
const noText = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-f]+|[-+]?\.(?:inf|nan)|true|false|null|~)$/i;
// How those begin: to look at one letter is quicker than to try the expression on every text.
const mayBeNoText: ReadonlySet<number> = new Set(Buffer.from('+-.~0123456789tfnTFN'));
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const deepest = 16;
const nowhere = -1;
const space = 32;
const doubleQuote = 34;
const singleQuote = 39;
const comma = 44;
const openingBracket = 91;
const closingBracket = 93;
const openingBrace = 123;
const closingBrace = 125;

/** Reads what stands on one line: a text, a number, a list in brackets, a map in braces. */
export function createInlineReader(text: string, keyAt: KeyReader, places: PlaceWriter): InlineReader {
  // Each place is another one: where they are wanted, all is read.
  const repeats = createRepeats(places === noPlaces ? text : '');
  let end = 0;
  // Within a value that is kept, nothing is looked up: what it consists of hardly stands at the end of a line once more.
  let isKept = false;
  return {
    read: (offset, key) => readAt(offset, key, 0),
    get end() {
      return end;
    },
  };

  /** `depth` counts brackets: within some, a plain text ends at a comma as well. */
  function readAt(offset: number, key: PlainKey | undefined, depth: number): unknown {
    const place = places.open(key, offset, offset);
    const mayRepeat = key !== undefined && !isKept && isCollection(text.charCodeAt(offset));
    const value = mayRepeat ? readOnce(offset, depth) : readValue(offset, depth);
    places.close(place, end);
    return value;
  }

  /** What stands behind a key in brackets or braces, and was read on another line. */
  function readOnce(offset: number, depth: number): unknown {
    const rest = repeats.restAt(offset);
    const known = repeats.find(rest);
    if (known !== undefined) {
      end = offset + known.length;
      return known.value;
    }
    isKept = true;
    const value = readValue(offset, depth);
    isKept = false;
    if (value !== undefined) repeats.keep(rest, { value, length: end - offset });
    return value;
  }

  function readValue(offset: number, depth: number): unknown {
    const first = text.charCodeAt(offset);
    if (first === doubleQuote || first === singleQuote) return readQuoted(offset);
    if (first === openingBracket) return depth > deepest ? undefined : readList(offset, depth + 1);
    if (first === openingBrace) return depth > deepest ? undefined : readMap(offset, depth + 1);
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
    if (!mayBeNoText.has(written.charCodeAt(0)) || !noText.test(written)) return written;
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
    let offset = afterBlanks(from + 1);
    while (text.charCodeAt(offset) !== closingBracket) {
      const value = readAt(offset, undefined, depth);
      offset = value === undefined ? nowhere : toEntry(closingBracket);
      if (offset === nowhere) return undefined;
      list.push(value);
    }
    end = offset + 1;
    return list;
  }

  function readMap(from: number, depth: number): unknown {
    const map: Record<string, unknown> = {};
    let offset = afterBlanks(from + 1);
    while (text.charCodeAt(offset) !== closingBrace) {
      const key = keyAt(offset);
      if (key === undefined || Object.hasOwn(map, key.name)) return undefined;
      const value = readAt(afterBlanks(key.to + 1), key, depth);
      offset = value === undefined ? nowhere : toEntry(closingBrace);
      if (offset === nowhere) return undefined;
      map[key.name] = value;
    }
    end = offset + 1;
    return map;
  }

  /** Where the next entry begins, or what closes them all: with commas between them, and none behind the last. */
  function toEntry(close: number): number {
    const offset = afterBlanks(end);
    const code = text.charCodeAt(offset);
    if (code === close) return offset;
    if (code !== comma) return nowhere;
    const next = afterBlanks(offset + 1);
    return text.charCodeAt(next) === close ? nowhere : next;
  }

  function afterBlanks(from: number): number {
    let offset = from;
    while (text.charCodeAt(offset) === space) offset += 1;
    return offset;
  }
}

function isCollection(code: number): boolean {
  return code === openingBrace || code === openingBracket;
}

/** Not `trimEnd`, which takes away what is a part of the text to YAML. */
function trimBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
