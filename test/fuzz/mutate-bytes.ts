import type { Random } from './random.ts';

export interface MutationOptions {
  /** What mutations may splice in from; the input itself is one of them. */
  readonly others: readonly Buffer[];
  /** Pieces that mean something to the reader under test. */
  readonly words: readonly Buffer[];
  /** Mutants are cut off here. */
  readonly longest?: number;
}

const longestMutant = 16 * 1024;

/** A handful of changes to a copy: flipped bits, other bytes, lengths that lie, pieces lost, doubled, moved, and borrowed from elsewhere. */
export function mutateBytes(random: Random, input: Buffer, { others, words, longest = longestMutant }: MutationOptions): Buffer {
  let bytes: Buffer = Buffer.from(input);
  const count = 1 + random.below(random.oneIn(4) ? 12 : 3);
  for (let turn = 0; turn < count; turn += 1) {
    const mutate = words.length > 0 && random.oneIn(3) ? insertWord : random.pick(mutations);
    bytes = mutate(random, bytes, { others, words });
  }
  return bytes.subarray(0, longest);
}

type Mutation = (random: Random, bytes: Buffer, options: MutationOptions) => Buffer;

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  addToByte,
  writeNumber,
  removePiece,
  doublePiece,
  movePiece,
  overwritePiece,
  splice,
  insertBytes,
  truncate,
];

function flipBit(random: Random, bytes: Buffer): Buffer {
  return changeByte(random, bytes, (byte) => byte ^ (1 << random.below(8)));
}

// Where readers change their minds: NUL, line ends, tab, space, DEL, the sign bit, quotes and separators.
const interesting = [0, 1, 9, 10, 11, 13, 32, 34, 35, 37, 46, 47, 58, 59, 61, 92, 127, 128, 160, 192, 254, 255];

function setByte(random: Random, bytes: Buffer): Buffer {
  return changeByte(random, bytes, () => (random.oneIn(2) ? random.pick(interesting) : random.below(256)));
}

function addToByte(random: Random, bytes: Buffer): Buffer {
  return changeByte(random, bytes, (byte) => byte + random.pick([1, -1, 2, -2, 16, -16]));
}

function changeByte(random: Random, bytes: Buffer, change: (byte: number) => number): Buffer {
  const at = random.below(bytes.length);
  if (bytes.length > 0) bytes[at] = change(bytes[at] ?? 0) & 0xff;
  return bytes;
}

/** A length field of two or three bytes that says another length. */
function writeNumber(random: Random, bytes: Buffer): Buffer {
  const width = random.pick([2, 3]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const largest = 256 ** width - 1;
  const old = bytes.readUIntBE(at, width);
  const lie = random.pick([0, 1, largest, bytes.length, bytes.length - at, old + 1, old - 1, old * 2]);
  bytes.writeUIntBE(Math.min(Math.max(lie, 0), largest), at, width);
  return bytes;
}

function pieceOf(random: Random, bytes: Buffer): readonly [from: number, to: number] {
  const from = random.below(bytes.length);
  const length = random.oneIn(4) ? random.below(bytes.length - from) : random.below(16);
  return [from, Math.min(bytes.length, from + 1 + length)];
}

function removePiece(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pieceOf(random, bytes);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function doublePiece(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pieceOf(random, bytes);
  const times = random.oneIn(8) ? 64 : 1;
  const piece = bytes.subarray(from, to);
  return Buffer.concat([bytes.subarray(0, to), ...Array.from({ length: times }, () => piece), bytes.subarray(to)]);
}

function movePiece(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pieceOf(random, bytes);
  const rest = removedFrom(bytes, from, to);
  return inserted(rest, random.below(rest.length + 1), bytes.subarray(from, to));
}

function overwritePiece(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pieceOf(random, bytes);
  return inserted(removedFrom(bytes, from, to), from, random.bytes(random.below(16)));
}

/** The head of one and the tail of another. */
function splice(random: Random, bytes: Buffer, { others }: MutationOptions): Buffer {
  const other = others.length === 0 ? bytes : random.pick(others);
  if (random.oneIn(2))
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length))]);
  const [from, to] = pieceOf(random, other);
  return inserted(bytes, random.below(bytes.length + 1), other.subarray(from, to));
}

function insertWord(random: Random, bytes: Buffer, { words }: MutationOptions): Buffer {
  return inserted(bytes, random.below(bytes.length + 1), random.pick(words));
}

function insertBytes(random: Random, bytes: Buffer): Buffer {
  const added = random.oneIn(2) ? Buffer.of(random.pick(interesting)) : random.bytes(1 + random.below(8));
  return inserted(bytes, random.below(bytes.length + 1), added);
}

function truncate(random: Random, bytes: Buffer): Buffer {
  return random.oneIn(3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

function removedFrom(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function inserted(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

/** Words of a dictionary as they stand on the wire, one byte a character. */
export function wordsOf(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text, 'latin1'));
}
