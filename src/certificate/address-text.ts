/**
 * The one text of an IP address of 4 or 16 bytes, undefined for any other length: dotted for IPv4, also where it is mapped into
 * IPv6, and RFC 5952 for IPv6.
 */
export function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) return undefined;
  if (bytes.subarray(0, 12).equals(mappedPrefix)) return [...bytes.subarray(12)].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex');

/** RFC 5952 section 4.2: the longest run of zero groups, the first of equals. */
function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  }
  return longest;
}
