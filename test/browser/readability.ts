import type { Tab } from './tab.ts';

/**
 * What in a page somebody may not be able to read or find, as far as a browser can tell: texts with less contrast than 4.5 (WCAG 2.2, 1.4.3),
 * no language, no title, not exactly one main part and one first heading, headings that leave out a level, pictures, fields and buttons
 * without a name, and anything that is wider than the window. Empty: nothing.
 */
export async function unreadableParts(tab: Tab): Promise<readonly string[]> {
  return (await tab.evaluate(`(() => { ${colours} ${findUnreadable} })()`)) as readonly string[];
}

// Both run in the page.
const colours = `
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    if (element === null) return [255, 255, 255];
    const colour = parse(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? behind(element.parentElement) : colour;
  };
  const contrastOf = (element) => {
    const [lighter, darker] = [parse(getComputedStyle(element).color), behind(element)].map(luminance).sort((a, b) => b - a);
    return (lighter + 0.05) / (darker + 0.05);
  };
`;

const findUnreadable = `
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (text === '' || !element.checkVisibility()) continue;
    if (contrastOf(element) < 4.5) found.push(contrastOf(element).toFixed(1) + ': ' + text.slice(0, 40));
  }
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (document.documentElement.lang === '') found.push('no language');
  if (document.title === '') found.push('no title');
  for (const selector of ['main', 'h1']) if (all(selector).length !== 1) found.push(all(selector).length + ' ' + selector);
  const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.tagName[1]));
  if (levels.some((level, at) => level > (levels[at - 1] ?? 0) + 1)) found.push('levels of headings: ' + levels.join());
  for (const element of all('img:not([alt]), button:empty, a:empty, input:not([type=hidden]):not([aria-label]):not([id])'))
    found.push('without a name: ' + element.outerHTML.slice(0, 60));
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
  return found;
`;
