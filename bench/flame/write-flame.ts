import type { Flame, FlameFrame } from './build-flame.ts';

interface Kind {
  readonly name: string;
  readonly says: string;
  readonly isOf: (label: string) => boolean;
  readonly light: string;
  readonly dark: string;
}

// The first that fits. Colours are dark or light enough for the text on them, and differ in lightness too.
const kinds: readonly Kind[] = [
  { name: 'ours', says: 'Postern', isOf: (label) => / (?:src|bin|dist)\//.test(label), light: '#ffb870', dark: '#8a4b00' },
  { name: 'package', says: 'packages', isOf: (label) => label.includes(' node_modules/'), light: '#d9c7ff', dark: '#573a9c' },
  { name: 'node', says: "Node's own code", isOf: (label) => label.includes(' node:'), light: '#bfe3b4', dark: '#2c5e20' },
  { name: 'native', says: 'native: system calls, OpenSSL, garbage', isOf: () => true, light: '#c9d4dd', dark: '#465663' },
];

const page = { width: 1200, row: 17, head: 62, margin: 10, letter: 6.1 } as const;

/** An SVG without scripts: every frame has its title, which a browser shows under the pointer; what is called stands on top of who calls it. */
export function writeFlame({ frames, depth }: Flame, title: string): string {
  const height = page.head + depth * page.row + page.margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${page.width} ${height}" font-family="ui-monospace, monospace" font-size="10" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    '<desc id="description">A flame graph: the wider a frame, the larger its share of CPU time; above each frame is what it called.</desc>',
    `<style>${styleSheet()}</style>`,
    `<rect class="page" width="${page.width}" height="${height}"/>`,
    `<text x="${page.margin}" y="22" font-size="14">${escapeXml(title)}</text>`,
    ...legend(),
    ...frames.map((frame) => writeFrame(frame, height)),
    '</svg>',
    '',
  ].join('\n');
}

function styleSheet(): string {
  const light = kinds.map(({ name, light: colour }) => `.${name}{fill:${colour}}`).join('');
  const dark = kinds.map(({ name, dark: colour }) => `.${name}{fill:${colour}}`).join('');
  return `.page{fill:#fff}text{fill:#111}${light}@media (prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#f0f3f6}${dark}}`;
}

function legend(): readonly string[] {
  let x: number = page.margin;
  return kinds.map(({ name, says }) => {
    const at = x;
    x += 34 + Math.ceil(says.length * page.letter);
    return `<rect class="${name}" x="${at}" y="34" width="12" height="12"/><text x="${at + 17}" y="44">${escapeXml(says)}</text>`;
  });
}

function writeFrame({ label, depth, from, share }: FlameFrame, height: number): string {
  const inside = page.width - 2 * page.margin;
  const [x, width] = [page.margin + from * inside, share * inside];
  const y = height - page.margin - (depth + 1) * page.row;
  const kind = kinds.find(({ isOf }) => isOf(label))?.name ?? '';
  const name = label.split(' ', 1)[0] ?? '';
  const letters = Math.floor((width - 4) / page.letter);
  const text = letters < 3 ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escapeXml(shorten(name, letters))}</text>`;
  const box = `<rect class="${kind}" x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.4, width - 0.6).toFixed(1)}" height="${page.row - 1}"/>`;
  return `<g><title>${escapeXml(label)}, ${(100 * share).toFixed(1)} %</title>${box}${text}</g>`;
}

function shorten(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
