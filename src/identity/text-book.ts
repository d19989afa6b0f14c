import { createBoundedMap } from './bounded-map.ts';

/** Numbers for texts that come again and again, such as the names of groups and claims. What has a number keeps it. */
export interface TextBook {
  /** Undefined: write the text itself. `whose` says where it was met: a text gets its number when it is met at a second place. */
  numberOf(text: string, whose: string): number | undefined;
  /** Empty for a number that was not given out. */
  textOf(number: number): string;
}

export interface TextBookLimits {
  /** Of all texts with a number, in bytes, by estimate. */
  readonly bytes: number;
  /** How many texts that were met once are waited for again. */
  readonly candidates: number;
}

// A number takes up to five digits, so shorter ones are as good as their number; longer ones are of one person.
const lengths = { least: 4, most: 256 };
const overheadBytes = 80;

/**
 * It forgets nothing, because numbers have been written down elsewhere; so what is full stays as it is, and whatever comes later has no
 * number. Texts of one person alone, an address for one, never get there.
 */
export function createTextBook({ bytes, candidates }: TextBookLimits): TextBook {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const metOnce = createBoundedMap<string, string>(candidates);
  let held = 0;

  return {
    numberOf(text, whose) {
      const known = numbers.get(text);
      if (known !== undefined || text.length < lengths.least || text.length > lengths.most) return known;
      const firstMet = metOnce.get(text);
      if (firstMet === undefined) metOnce.set(text, whose);
      if (firstMet === undefined || firstMet === whose || held + weightOf(text) > bytes) return undefined;
      return add(text);
    },
    textOf: (number) => texts[number] ?? '',
  };

  function add(text: string): number {
    metOnce.delete(text);
    held += weightOf(text);
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  }
}

function weightOf({ length }: string): number {
  return overheadBytes + 2 * length;
}
