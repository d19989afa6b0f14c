import { BlockList, isIP } from 'node:net';

/** 169.254.0.0/16 and fe80::/10, in whatever notation: the addresses of metadata services, which hand out the keys of a whole machine. */
export function isLinkLocal(address: string): boolean {
  return isIn(linkLocal, address);
}

/** Whether an address is of the public Internet. One that is none is not. */
export function isPublic(address: string): boolean {
  return !isIn(notPublic, address) && (isIP(address) === 4 || isIn(global6, address));
}

/** What is no address is in every list: in doubt refuse. */
function isIn(list: BlockList, address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  return family === 0 || list.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

type Range = readonly [network: string, prefix: number];

const linkLocal4: readonly Range[] = [['169.254.0.0', 16]];

// The special-purpose registries of IANA (RFC 6890), as far as they are not for everybody.
const special4: readonly Range[] = [
  ...linkLocal4,
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

const special6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
// Those that carry an address of IPv4 are told by that one: mapped, and behind NAT64.
global6.addSubnet('::ffff:0:0', 96, 'ipv6');
global6.addSubnet('64:ff9b::', 96, 'ipv6');

const linkLocal = listOf(linkLocal4, [['fe80::', 10]]);
const notPublic = listOf(special4, special6);

/** `BlockList` finds IPv4 addresses that are mapped into IPv6 by itself; those behind NAT64 (RFC 6052) and 6to4 (RFC 3056) it does not. */
function listOf(ranges4: readonly Range[], ranges6: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges4) {
    const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number);
    list.addSubnet(network, prefix, 'ipv4');
    list.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
    list.addSubnet(`2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::`, 16 + prefix, 'ipv6');
  }
  for (const [network, prefix] of ranges6) list.addSubnet(network, prefix, 'ipv6');
  return list;
}
