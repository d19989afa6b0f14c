export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** Undefined when the block is cut short, not base64, or its markers are damaged. */
  readonly der: Buffer | undefined;
}

/**
 * Every PEM block of a text (RFC 7468), damaged ones included, so that none can be skipped unseen. Text between blocks, as
 * `openssl x509 -text` writes it, is passed over.
 */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly from: number } | undefined;
  for (const { line, start, end } of dashedLines(text)) {
    const [, word, label] = marker.exec(line) ?? [];
    if (open !== undefined && word === 'END' && label === open.label) {
      blocks.push({ label, der: decodeLines(text.slice(open.from, start)) });
      open = undefined;
    } else if (word === 'BEGIN' && label !== undefined) {
      if (open !== undefined) blocks.push({ label: open.label, der: undefined });
      open = { label, from: end };
    } else if (markerLike.test(line)) {
      blocks.push({ label: open?.label ?? line.trim().slice(0, 40), der: undefined });
      open = undefined;
    }
  }
  if (open !== undefined) blocks.push({ label: open.label, der: undefined });
  return blocks;
}

const marker = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----[ \t]*$/;
// What was meant as a marker and isn't one: readers that look for the exact line pass over the whole block in silence. No part of it
// may run to the end of a line from more than a few places: a line can be as long as a file, and lists are fetched from strangers.
const markerLike = /--\s*(?:BEGIN|END)\b|\b(?:BEGIN|END) [A-Z0-9 ]{1,64}--/i;

interface Line {
  readonly line: string;
  readonly start: number;
  readonly end: number;
}

/** The lines that may be markers, damaged or not. The others, of which a revocation list has a million, are never taken apart. */
function* dashedLines(text: string): Generator<Line> {
  let end = text.startsWith('\uFEFF') ? 1 : 0;
  for (let dashes = text.indexOf('--', end); dashes !== -1; dashes = text.indexOf('--', end)) {
    let start = dashes;
    while (start > end && !isLineEnd(text.charCodeAt(start - 1))) start -= 1;
    end = dashes;
    while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1;
    yield { line: text.slice(start, end), start, end };
  }
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** Base64 in lines, with white space around each of them. */
function decodeLines(text: string): Buffer | undefined {
  const unusual = text.search(/[^A-Za-z0-9+/\r\n]/);
  // Node passes over the ends of lines by itself, which saves a copy of the text; other white space could be within a line.
  if (unusual === -1 || /^={1,2}[\r\n]*$/.test(text.slice(unusual))) return decodeDigits(text, count(text, '\n') + count(text, '\r'));
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  const digits = lines.join('');
  return /[^A-Za-z0-9+/]/.test(digits.replace(/={1,2}$/, '')) ? undefined : decodeDigits(digits, 0);
}

function decodeDigits(text: string, lineEnds: number): Buffer | undefined {
  const digits = text.length - lineEnds;
  return digits > 0 && digits % 4 === 0 ? Buffer.from(text, 'base64') : undefined;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}
