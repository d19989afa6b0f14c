// Control characters of both ranges (ESC and CSI start terminal sequences), the line separators that some readers split at, the
// direction marks that make a line read differently from what it says, and surrogates, of which a lone one is no text.
// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const needsCare = /["\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/;
// What JSON.stringify leaves as it is although a terminal or a log reader may act on it.
const leftRaw = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A string as a JSON literal, safe to print on a terminal: every control character and direction mark is a `\u` escape. */
export function jsonText(text: string): string {
  return needsCare.test(text) ? withoutRawControls(JSON.stringify(text)) : `"${text}"`;
}

/** The same for JSON that is made already: such characters stand only inside its strings, where a `\u` escape means the same. */
export function withoutRawControls(json: string): string {
  return json.replace(leftRaw, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
