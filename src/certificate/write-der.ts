/** One DER value from its tag and contents. Lengths above four bytes don't occur: nothing written here comes near. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), writeLength(body.length), body]);
}

export function writeSequence(...contents: readonly Uint8Array[]): Buffer {
  return writeDer(0x30, ...contents);
}

/** Elements in the order of their encodings, as DER wants a SET OF (X.690 section 11.6). */
export function writeSet(...contents: readonly Uint8Array[]): Buffer {
  return writeDer(0x31, ...contents.toSorted((left, right) => Buffer.compare(left, right)));
}

/** A non-negative INTEGER. */
export function writeInteger(value: number | bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (bytes[0] ?? 0) > 0x7f ? writeDer(0x02, Buffer.of(0), bytes) : writeDer(0x02, bytes);
}

export function writeOctetString(bytes: Uint8Array): Buffer {
  return writeDer(0x04, bytes);
}

/** A BIT STRING of whole bytes. */
export function writeBitString(bytes: Uint8Array): Buffer {
  return writeDer(0x03, Buffer.of(0), bytes);
}

export function writeBoolean(value: boolean): Buffer {
  return writeDer(0x01, Buffer.of(value ? 0xff : 0));
}

/** A UTCTime, or a GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5); fractions of a second are cut off. */
export function writeTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? writeDer(0x17, Buffer.from(digits.slice(2))) : writeDer(0x18, Buffer.from(digits));
}

/** A BMPString: UTF-16, big-endian. */
export function writeBmpString(text: string): Buffer {
  return writeDer(0x1e, Buffer.from(text, 'utf16le').swap16());
}

export function writeNull(): Buffer {
  return Buffer.of(0x05, 0x00);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function writeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return writeDer(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(writeBase128)));
}

/** `[tag] EXPLICIT`: a constructed context-specific wrapper around one value. */
export function writeExplicit(tag: number, value: Uint8Array): Buffer {
  return writeDer(0xa0 | tag, value);
}

/** `[tag] IMPLICIT` around the bytes of a primitive value. */
export function writeContextPrimitive(tag: number, bytes: Uint8Array): Buffer {
  return writeDer(0x80 | tag, bytes);
}

function writeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

function writeBase128(value: number): readonly number[] {
  const septets = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) septets.unshift((rest & 0x7f) | 0x80);
  return septets;
}
