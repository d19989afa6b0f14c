import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stylesheet } from '../../../src/endpoints/pages/stylesheet.ts';

const pairs = [
  ['ink', 'sheet'],
  ['quiet', 'sheet'],
  ['quiet', 'paper'],
  ['accent', 'sheet'],
  ['on-accent', 'accent'],
] as const;

describe('stylesheet', () => {
  const palettes = [...stylesheet.css.matchAll(/:root \{([^}]*)\}/g)].map(([, colours = '']) =>
    Object.fromEntries([...colours.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = '', colour = '']) => [name, colour])),
  );

  it('has a light and a dark palette of the same names', () => {
    assert.equal(palettes.length, 2);
    assert.deepEqual(Object.keys(palettes[0] ?? {}).toSorted(), Object.keys(palettes[1] ?? {}).toSorted());
  });

  it('keeps a contrast of 4.5 between every text and what is behind it', () => {
    for (const palette of palettes)
      for (const [text, background] of pairs) {
        const ratio = contrast(palette[text] ?? '', palette[background] ?? '');
        assert.ok(ratio >= 4.5, `${text} on ${background}: ${ratio}`);
      }
  });

  it('fetches nothing: a strict policy would refuse it', () => assert.doesNotMatch(stylesheet.css, /url\(|@import|@font-face|https?:/));
});

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
