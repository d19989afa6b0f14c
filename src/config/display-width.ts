const tab = '    ';
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const zeroWidth = /\p{M}/u;
const doubleWidth =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/**
 * A text as a terminal may be given it: tabs as four blanks, and control, formatting and direction characters replaced,
 * so that no configuration can move the cursor or show a line other than it is.
 */
export function printable(text: string): string {
  return text.replaceAll('\t', tab).replace(unprintable, '\ufffd');
}

/** How many columns a printable text takes: wide characters (East Asian, emoji) two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (zeroWidth.test(character)) continue;
    width += doubleWidth.test(character) ? 2 : 1;
  }
  return width;
}
