/** One DER value. `contents` and `raw` are views into the bytes it was read from. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Buffer;
  /** Tag and length included. */
  readonly raw: Buffer;
}

/** Thrown inside this room for bytes that are no DER; caught where a certificate's facts are read, and nowhere goes further. */
export class MalformedDer extends Error {}

/** Exactly one value: bytes after it are malformed, as is anything BER allows and DER doesn't. */
export function readDer(bytes: Buffer): DerValue {
  const value = readValue(bytes, 0);
  if (value.raw.length !== bytes.length) throw new MalformedDer('bytes after the end of a value');
  return value;
}

/** The values inside a constructed one, in order. */
export function readChildren(parent: DerValue): readonly DerValue[] {
  if ((parent.tag & 0x20) === 0) throw new MalformedDer(`tag ${parent.tag} holds no values`);
  const children: DerValue[] = [];
  for (let offset = 0; offset < parent.contents.length;) {
    const child = readValue(parent.contents, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

/** The value itself when it has the tag; malformed otherwise, absence included. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined || value.tag !== tag) throw new MalformedDer(`tag ${value?.tag ?? 'none'} where ${tag} was expected`);
  return value;
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function readOid(value: DerValue | undefined): string {
  const { contents } = expectTag(value, 0x06);
  const arcs: number[] = [];
  let arc = 0;
  for (const [index, byte] of contents.entries()) {
    // Arcs past 2^53 would collapse into others: no identifier known here comes near, so they are refused.
    if (arc > 2 ** 45) throw new MalformedDer('an object identifier with a giant arc');
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    } else if (index === contents.length - 1) throw new MalformedDer('an object identifier cut short');
  }
  const [first] = arcs;
  if (first === undefined) throw new MalformedDer('an empty object identifier');
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...arcs.slice(1)].join('.');
}

/** A BOOLEAN; DER knows only 00 and FF. */
export function readBoolean(value: DerValue | undefined): boolean {
  const { contents } = expectTag(value, 0x01);
  if (contents.length !== 1 || (contents[0] !== 0 && contents[0] !== 0xff)) throw new MalformedDer('a boolean that is neither');
  return contents[0] === 0xff;
}

/** A non-negative INTEGER of at most four bytes. */
export function readSmallInteger(value: DerValue | undefined): number {
  const { contents } = expectTag(value, 0x02);
  if (contents.length === 0 || contents.length > 4 || (contents[0] ?? 0) > 0x7f) throw new MalformedDer('an integer out of range');
  return contents.readUIntBE(0, contents.length);
}

/** The contents of an INTEGER of any size, byte for byte: equal for equal numbers, because DER knows one way to write each. */
export function readIntegerContents(value: DerValue | undefined): Buffer {
  const { contents } = expectTag(value, 0x02);
  checkInteger(contents, 0, contents.length);
  return contents;
}

/**
 * Where the value that begins at `offset` ends, `limit` being the end of what holds it. With `contentsStart` it reads what is too long
 * for an object per value: numbers only, and the rules of this file.
 */
export function valueEnd(bytes: Buffer, offset: number, limit: number): number {
  if (offset + 2 > limit) throw new MalformedDer('a value cut short');
  if (((bytes[offset] ?? 0) & 0x1f) === 0x1f) throw new MalformedDer('a tag of several bytes');
  const first = bytes[offset + 1] ?? 0;
  const start = contentsStart(bytes, offset);
  const lengthBytes = start - offset - 2;
  // 0x80 alone is the indefinite length of BER, whose end depends on what the reader makes of the contents.
  if (first === 0x80 || lengthBytes > 4 || start > limit) throw new MalformedDer('a length that is no DER');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
  if (lengthBytes > 0 && (length < 0x80 || length < 256 ** (lengthBytes - 1)))
    throw new MalformedDer('a length written longer than needed');
  if (start + length > limit) throw new MalformedDer('a value longer than what holds it');
  return start + length;
}

/** Where the contents of the value at `offset` begin; of meaning once `valueEnd` accepted the value. */
export function contentsStart(bytes: Buffer, offset: number): number {
  const first = bytes[offset + 1] ?? 0;
  return offset + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

/** Throws unless the INTEGER whose contents are between `start` and `end` is written as DER writes it. */
export function checkInteger(bytes: Buffer, start: number, end: number): void {
  const first = bytes[start] ?? 0;
  if (start === end) throw new MalformedDer('an empty integer');
  const second = bytes[start + 1] ?? 0;
  const padded = end - start > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new MalformedDer('an integer written longer than needed');
}

function readValue(bytes: Buffer, offset: number): DerValue {
  const end = valueEnd(bytes, offset, bytes.length);
  return { tag: bytes[offset] ?? 0, contents: bytes.subarray(contentsStart(bytes, offset), end), raw: bytes.subarray(offset, end) };
}
