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
  return [...eachChild(parent)];
}

/** The same one by one, for lists so long that all their values at once would be a burden. */
export function* eachChild(parent: DerValue): Generator<DerValue> {
  if ((parent.tag & 0x20) === 0) throw new MalformedDer(`tag ${parent.tag} holds no values`);
  for (let offset = 0; offset < parent.contents.length;) {
    const child = readValue(parent.contents, offset);
    yield child;
    offset += child.raw.length;
  }
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
  const [first, second = 0] = contents;
  if (first === undefined) throw new MalformedDer('an empty integer');
  const padded = contents.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new MalformedDer('an integer written longer than needed');
  return contents;
}

function readValue(bytes: Buffer, offset: number): DerValue {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw new MalformedDer('a value cut short');
  if ((tag & 0x1f) === 0x1f) throw new MalformedDer('a tag of several bytes');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + lengthBytes;
  // 0x80 alone is the indefinite length of BER, whose end depends on what the reader makes of the contents.
  if (first === 0x80 || lengthBytes > 4 || bytes.length < start) throw new MalformedDer('a length that is no DER');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
  if (lengthBytes > 0 && (length < 0x80 || length < 256 ** (lengthBytes - 1)))
    throw new MalformedDer('a length written longer than needed');
  const end = start + length;
  if (end > bytes.length) throw new MalformedDer('a value longer than what holds it');
  return { tag, contents: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}
