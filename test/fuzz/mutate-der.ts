import type { MutationOptions } from './mutate-bytes.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { Random } from './random.ts';

/** A value of DER, read so loosely that mutants can be taken apart again. */
interface Value {
  readonly tag: number;
  readonly contents: Buffer | readonly Value[];
}

/** Changes a value somewhere inside, and writes every length around it anew: bytes alone would nearly always break those first. */
export function mutateDer(random: Random, der: Buffer, options: MutationOptions): Buffer {
  const values = readValues(der, 0);
  if (values === undefined || values.length === 0) return mutateBytes(random, der, options);
  return Buffer.concat(change(random, values, options).map(write));
}

function change(random: Random, values: readonly Value[], options: MutationOptions): readonly Value[] {
  const at = random.below(values.length);
  const chosen = values[at];
  if (chosen === undefined) return values;
  const { tag, contents } = chosen;
  // Further down, mostly: what is on top is little and soon refused.
  if (!Buffer.isBuffer(contents) && !random.oneIn(6)) return values.with(at, { tag, contents: change(random, contents, options) });
  const other = random.pick(values);
  switch (random.below(8)) {
    case 0:
      return values.toSpliced(at, 1);
    case 1:
      return values.toSpliced(at, 0, chosen);
    case 2:
      return values.toSpliced(at, 0, other);
    case 3:
      return values.with(at, { tag: random.oneIn(2) ? random.pick(tags) : random.below(256), contents });
    case 4:
      return values.with(at, { tag, contents: Buffer.alloc(0) });
    case 5:
      return values.with(at, other).with(values.indexOf(other), chosen);
    default:
      return values.with(at, {
        tag,
        contents: mutateBytes(random, Buffer.isBuffer(contents) ? contents : Buffer.concat(contents.map(write)), options),
      });
  }
}

const tags = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1c, 0x1e, 0x30, 0x31, 0x80, 0x82, 0xa0, 0xa3];

const deepest = 20;

/** Undefined where the bytes are no values one after the other. */
function readValues(bytes: Buffer, depth: number): readonly Value[] | undefined {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = readHead(bytes, at);
    if (head === undefined || head.end > bytes.length) return undefined;
    const contents = bytes.subarray(head.start, head.end);
    // Octet strings of extensions hold values as well, and so do some bit strings.
    const mayHold = (head.tag & 0x20) !== 0 || head.tag === 0x04;
    values.push({ tag: head.tag, contents: (mayHold && depth < deepest ? readValues(contents, depth + 1) : undefined) ?? contents });
    at = head.end;
  }
  return values;
}

function readHead(bytes: Buffer, at: number): { readonly tag: number; readonly start: number; readonly end: number } | undefined {
  const [tag, first] = bytes.subarray(at);
  if (tag === undefined || first === undefined) return undefined;
  const width = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + width;
  if (width > 3 || start > bytes.length) return undefined;
  return { tag, start, end: start + (width === 0 ? first & 0x7f : bytes.readUIntBE(at + 2, width)) };
}

function write({ tag, contents }: Value): Buffer {
  const body = Buffer.isBuffer(contents) ? contents : Buffer.concat(contents.map(write));
  const size = body.length;
  const length =
    size < 0x80
      ? [size]
      : size < 0x100
        ? [0x81, size]
        : size < 0x1_0000
          ? [0x82, size >> 8, size & 255]
          : [0x83, size >> 16, (size >> 8) & 255, size & 255];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}
