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
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const [, word, label] = marker.exec(line) ?? [];
    if (open !== undefined && word === 'END' && label === open.label) {
      blocks.push({ label, der: decodeBase64(open.lines.join('')) });
      open = undefined;
    } else if (word === 'BEGIN' && label !== undefined) {
      if (open !== undefined) blocks.push({ label: open.label, der: undefined });
      open = { label, lines: [] };
    } else if (markerLike.test(line)) {
      blocks.push({ label: open?.label ?? line.trim().slice(0, 40), der: undefined });
      open = undefined;
    } else open?.lines.push(line.trim());
  }
  if (open !== undefined) blocks.push({ label: open.label, der: undefined });
  return blocks;
}

const marker = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----[ \t]*$/;
// What was meant as a marker and isn't one: readers that look for the exact line pass over the whole block in silence.
const markerLike = /-{2,}\s*(?:BEGIN|END)\b|\b(?:BEGIN|END) [A-Z0-9 ]+-{2,}/i;

function decodeBase64(text: string): Buffer | undefined {
  // One expression for groups of four would keep a way back for each of them: lists of many megabytes overflow its stack.
  const digits = text.replace(/={1,2}$/, '');
  return digits !== '' && text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(digits) ? Buffer.from(text, 'base64') : undefined;
}
