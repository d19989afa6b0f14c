import { createHash } from 'node:crypto';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

/** Cuts bytes as a network may: anywhere, now and then into single ones, now and then not at all. Nothing is lost and nothing is empty. */
export function cutBytes(random: Random, bytes: Buffer): readonly Buffer[] {
  if (random.oneIn(8)) return bytes.length === 0 ? [] : [bytes];
  const longest = random.pick([1, 2, 7, 64, 1_024]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(longest);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

/** The choices that belong to an input: its bytes alone are enough to repeat everything that was done with it. */
export function randomOf(input: Buffer): Random {
  return createRandom(createHash('sha256').update(input).digest('hex'));
}
