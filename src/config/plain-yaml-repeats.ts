/** A value that was read, and how long its text is. */
export interface ReadBefore {
  readonly value: unknown;
  readonly length: number;
}

/** Values of one text by what stands from their beginning to the end of their line: what is written alike there means the same. */
export interface Repeats {
  /** The text from an offset to the end of its line; undefined where it is too long to be looked up. */
  restAt(offset: number): string | undefined;
  find(rest: string | undefined): ReadBefore | undefined;
  keep(rest: string | undefined, read: ReadBefore): void;
}

// Policies and lists that many routes have in common are short. Of what is written once each nothing is gained, and little lost.
const longest = 1_000;
const mostKept = 10_000;

/**
 * Thousands of routes say the same few policies and lists over and over: each is read once, and is one value for all of them, which nobody
 * may change. Of an empty text nothing is found.
 */
export function createRepeats(text: string): Repeats {
  const known = new Map<string, ReadBefore>();
  // Of the line looked at last: a text may be one line of megabytes.
  let endOfLine = -1;
  return {
    restAt(offset) {
      if (offset >= text.length) return undefined;
      if (offset > endOfLine) {
        const end = text.indexOf('\n', offset);
        endOfLine = end === -1 ? text.length : end;
      }
      return endOfLine - offset > longest ? undefined : text.slice(offset, endOfLine);
    },
    find: (rest) => (rest === undefined ? undefined : known.get(rest)),
    keep(rest, read) {
      if (rest !== undefined && known.size < mostKept) known.set(rest, read);
    },
  };
}
