/** What may stand in an `html` template. `undefined` and `false` leave nothing behind, lists are joined. */
export type HtmlPart = string | number | false | undefined | Html | readonly Html[];

// Not exported: the only way to markup is the template below, so text of a visitor can't pass itself off as markup.
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Text that is known to be markup. Outside this file nobody can make one but with `html`. */
export type Html = Markup;

/** Markup out of a template: whatever is put in is escaped, for text and quoted attribute values alike, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += writePart(part) + (strings[index + 1] ?? '');
  return new Markup(text);
}

function writePart(part: HtmlPart): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'object') return part.map((one) => one.toString()).join('');
  return escapeText(String(part));
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

function escapeText(text: string): string {
  // Control characters are no part of HTML (WHATWG 13.2.3.5), and old readers drop NUL, which would join what was apart.
  // oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd').replace(/[&<>"'`]/g, (character) => entities.get(character) ?? '');
}
