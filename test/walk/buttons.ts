/** A button of a page with a form around it: where it leads, and what is on it. */
export interface Button {
  readonly action: string;
  readonly text: string;
}

const form = /<form method="post" action="([^"]*)">\s*<button\b[^>]*>([^<]*)<\/button>\s*<\/form>/g;
const link = /<main>.*<\/main>/s;

/** The forms of a page of ours, in order. */
export function buttonsOf(body: string, at: string): readonly Button[] {
  return [...body.matchAll(form)].map(([, action = '', text = '']) => ({ action: new URL(unescaped(action), at).href, text }));
}

/** Where the links in the main part of a page of ours lead, in order. */
export function linksOf(body: string, at: string): readonly string[] {
  const [main = ''] = link.exec(body) ?? [];
  return [...main.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)].map(([, href = '']) => new URL(unescaped(href), at).href);
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
