export interface PlainKey {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The key that begins at an offset; its colon stands behind it. */
export type KeyReader = (offset: number) => PlainKey | undefined;

// With a bound, because YAML has one for keys as well; `<<` and whatever else means more than itself is none of these.
const plainKey = /[A-Za-z0-9_$/][A-Za-z0-9_.$/@-]{0,200}(?=:(?:[ \n]|$))/y;
const newline = 10;
const space = 32;
const colon = 58;
// Of names that begin alike. The keys of Postern fit; where those of an operator do not, they are read as the first time.
const mostAlike = 16;

/**
 * Reads the keys of a text. A configuration of thousands of routes says the same few names over and over: one that was read before is
 * compared where it stands, and is the same text for the engine, which else makes one of each and looks for its like.
 */
export function createKeyReader(text: string): KeyReader {
  const known = new Map<number, string[]>();
  return (offset) => {
    const alike = known.get(text.charCodeAt(offset));
    const name = alike?.find((each) => standsAt(text, each, offset)) ?? readAnew(offset, alike);
    return name === undefined ? undefined : { name, from: offset, to: offset + name.length };
  };

  function readAnew(offset: number, alike: string[] | undefined): string | undefined {
    plainKey.lastIndex = offset;
    if (!plainKey.test(text)) return undefined;
    const name = text.slice(offset, plainKey.lastIndex);
    // What it would do to an object of ours is the library's business.
    if (name === '__proto__') return undefined;
    if (alike === undefined) known.set(text.charCodeAt(offset), [name]);
    else if (alike.length < mostAlike) alike.push(name);
    return name;
  }
}

/** As the expression has it: a name that ends at a colon, behind which a blank, a line or the text ends. */
function standsAt(text: string, name: string, offset: number): boolean {
  const end = offset + name.length;
  if (text.charCodeAt(end) !== colon || !text.startsWith(name, offset)) return false;
  const behind = text.charCodeAt(end + 1);
  return behind === space || behind === newline || end + 1 === text.length;
}
