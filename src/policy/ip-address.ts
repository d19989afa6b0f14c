import { isIPv4, isIPv6 } from 'node:net';

/** IPv4-mapped IPv6 is IPv4, so that one peer has one form whatever the socket it came through. */
export type IpAddress = { readonly family: 4; readonly bits: number } | { readonly family: 6; readonly bits: bigint };

export type IpRange =
  | { readonly family: 4; readonly network: number; readonly mask: number }
  | { readonly family: 6; readonly network: bigint; readonly mask: bigint };

const rangeShape = /^([^/]+)(?:\/(0|[1-9][0-9]{0,2}))?$/;
const allBits = (1n << 128n) - 1n;
const mappedBlock = 0xffffn;

/** Undefined for what is no IP literal. A zone (`fe80::1%eth0`) is of this machine only and left out. */
export function parseAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, bits: ipv4Bits(text) };
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf('%');
  const bits = ipv6Bits(zone === -1 ? text : text.slice(0, zone));
  return bits >> 32n === mappedBlock ? { family: 4, bits: Number(bits & 0xffff_ffffn) } : { family: 6, bits };
}

/** An IP literal or a CIDR range; host bits are allowed. A range inside `::ffff:0:0/96` is one of IPv4. */
export function parseAddressRange(text: string): IpRange | undefined {
  const [, address = '', length] = rangeShape.exec(text) ?? [];
  // A zone names an interface of one machine; a range with one can't be held against what a peer is.
  if (isIPv4(address)) return ipv4Range(ipv4Bits(address), length === undefined ? 32 : Number(length));
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const bits = ipv6Bits(address);
  const written = length === undefined ? 128 : Number(length);
  // Wider than the mapped block it is a range of IPv6, which holds no IPv4 peer.
  if (bits >> 32n === mappedBlock && written >= 96) return ipv4Range(Number(bits & 0xffff_ffffn), written - 96);
  if (written > 128) return undefined;
  const mask = (allBits << BigInt(128 - written)) & allBits;
  return { family: 6, network: bits & mask, mask };
}

export function isInRange(address: IpAddress, range: IpRange): boolean {
  if (address.family === 4) return range.family === 4 && (address.bits & range.mask) === range.network;
  return range.family === 6 && (address.bits & range.mask) === range.network;
}

function ipv4Range(bits: number, length: number): IpRange | undefined {
  if (length > 32) return undefined;
  // A shift by 32 is one by 0 in JavaScript.
  const mask = length === 0 ? 0 : -1 << (32 - length);
  return { family: 4, network: bits & mask, mask };
}

function ipv4Bits(text: string): number {
  let bits = 0;
  let octet = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) {
      bits = bits * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + code - 0x30;
  }
  return bits * 256 + octet;
}

function ipv6Bits(text: string): bigint {
  const gap = text.indexOf('::');
  const front = ipv6Groups(gap === -1 ? text : text.slice(0, gap));
  const back = ipv6Groups(gap === -1 ? '' : text.slice(gap + 2));
  return BigInt(`0x${front}${back.padStart(32 - front.length, '0')}`);
}

/** Four hex digits for each group, eight for an IPv4 address at the end. */
function ipv6Groups(text: string): string {
  const groups = text === '' ? [] : text.split(':');
  return groups.map((group) => (group.includes('.') ? ipv4Bits(group).toString(16).padStart(8, '0') : group.padStart(4, '0'))).join('');
}
