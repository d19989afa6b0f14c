/**
 * The same ASCII text in memory of its own, for what is remembered: a string that was cut out of another one keeps the whole of that alive,
 * and a name of twenty letters would hold the request that it came with.
 */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
