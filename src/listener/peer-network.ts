import { isIPv6 } from 'node:net';

/**
 * Whose connections count as one peer's: an IPv4 address, or the /64 of an IPv6 one, which is what a single subscriber gets and can
 * choose addresses of as they like. Takes the canonical form of `canonicalAddress()`.
 */
export function peerNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = '', back] = withoutZone(address).split('::');
  const groups = front === '' ? [] : front.split(':');
  const behind = back === undefined || back === '' ? [] : back.split(':');
  // An IPv4 tail is two groups; both are of the last half of the address, which is cut off anyway.
  const length = behind.length + (behind.at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = back === undefined ? 0 : 8 - groups.length - length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind];
  return `${all.slice(0, 4).join(':')}::/64`;
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}
