/** Values that a text is made of; of many texts, the first of them tells one from the other best. */
export type TextParts = readonly (string | null)[];

// Clients choose some of the values: what is remembered has a bound in number and in size.
const mostTexts = 2048;
const longestText = 512;
// Of texts with the same first value; more would be slow to look through.
const mostAlike = 4;

interface Remembered {
  readonly parts: TextParts;
  readonly text: string;
  /** The one before it with the same first value. */
  readonly earlier: Remembered | undefined;
}

/**
 * Remembers what `write`, a pure function, made of values that come together again and again. For each first value the last few
 * combinations are known; all of it is forgotten when there is too much of it.
 */
export function rememberTexts(write: (parts: TextParts) => string): (parts: TextParts) => string {
  const known = new Map<string | null, Remembered>();
  let held = 0;

  function remember(parts: TextParts, text: string, earlier: Remembered | undefined): void {
    held += 1;
    if (held > mostTexts) {
      known.clear();
      held = 1;
    }
    const kept = parts.map((part) => (part === null ? null : detached(part)));
    known.set(kept[0] ?? null, { parts: kept, text: detached(text), earlier });
  }

  return (parts) => {
    const last = known.get(parts[0] ?? null);
    let alike = 0;
    for (let each = last; each !== undefined; each = each.earlier) {
      if (areSame(each.parts, parts)) return each.text;
      alike += 1;
    }
    const text = write(parts);
    if (text.length <= longestText) remember(parts, text, alike < mostAlike ? last : undefined);
    return text;
  };
}

function areSame(some: TextParts, others: TextParts): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}

/** A copy, lone surrogates and all: a piece of a string keeps the whole of it in memory, which may be all that a client sent. */
function detached(text: string): string {
  return String(JSON.parse(JSON.stringify(text)));
}
