import { isIPv4, isIPv6 } from 'node:net';
import type { PeerAddress } from './peer-address.ts';
import { canonicalAddress } from './peer-address.ts';

/** What a PROXY protocol header turned out to be. */
export type ProxyHeaderReading =
  | { readonly kind: 'incomplete' }
  /** `source` is undefined where the proxy speaks for itself (LOCAL) or does not know (UNKNOWN). `rest` came after the header. */
  | { readonly kind: 'header'; readonly source: PeerAddress | undefined; readonly rest: Buffer }
  | { readonly kind: 'malformed'; readonly reason: string };

export interface ProxyHeaderReader {
  /** Takes the next bytes of the connection, up to and with those of `header`. */
  push(chunk: Buffer): ProxyHeaderReading;
}

/**
 * Reads the header with which a TCP proxy names its client, version 1 or 2. It is required where it is switched on: a listener that took
 * connections with and without one would believe every client that writes one itself. Whatever the protocol text leaves open is refused.
 */
export function createProxyHeaderReader(): ProxyHeaderReader {
  let head = Buffer.alloc(0);
  let later: Buffer[] = [];
  let missing = 0;
  return {
    push(chunk) {
      // A long header of version 2 is collected and not looked at: work stays linear, however finely the bytes are cut.
      if (missing > chunk.length) {
        missing -= chunk.length;
        later.push(chunk);
        return incomplete;
      }
      head = Buffer.concat([head, ...later, chunk]);
      later = [];
      const reading = readHeader(head);
      if (typeof reading !== 'number') return reading;
      missing = reading - head.length;
      return incomplete;
    },
  };
}

const incomplete: ProxyHeaderReading = { kind: 'incomplete' };

/** With the line end; the longest line that the protocol knows. */
const longestLine = 107;
const lineStart = Buffer.from('PROXY ', 'latin1');
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedLength = 16;
/** Addresses take 36 bytes; what else may come is about the client's certificate at most, and ignored. */
const longestVariablePart = 8 * 1024;

/** A number: how many bytes there have to be before it is worth looking again. */
function readHeader(bytes: Buffer): ProxyHeaderReading | number {
  if (isBeginning(bytes, signature)) return readBinary(bytes);
  if (isBeginning(bytes, lineStart)) return readLine(bytes);
  return malformed('the connection does not begin with a PROXY header');
}

function isBeginning(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.subarray(0, length).equals(expected.subarray(0, length));
}

function readLine(bytes: Buffer): ProxyHeaderReading | number {
  const end = bytes.indexOf('\r\n');
  if (end === -1 ? bytes.length >= longestLine : end + 2 > longestLine)
    return malformed(`the PROXY line has more than ${longestLine} bytes`);
  const line = bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
  // The last byte may be the first of the line end. Anything else outside the printable ones is no line of this protocol.
  if (!printable.test(end === -1 && line.endsWith('\r') ? line.slice(0, -1) : line))
    return malformed('the PROXY line holds a control character');
  if (end === -1) return bytes.length + 1;
  const rest = bytes.subarray(end + 2);
  // Whatever follows UNKNOWN is to be ignored.
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { kind: 'header', source: undefined, rest };
  const source = sourceOfLine(line.split(' '));
  return source === undefined ? malformed('the PROXY line does not parse') : { kind: 'header', source, rest };
}

const printable = /^[\x20-\x7e]*$/;

function sourceOfLine([, family, from, to, fromPort, toPort, ...more]: readonly string[]): PeerAddress | undefined {
  const isAddress = families.get(family ?? '');
  if (isAddress === undefined || from === undefined || to === undefined || more.length > 0) return undefined;
  if (!isAddress(from) || !isAddress(to) || !isPort(fromPort) || !isPort(toPort)) return undefined;
  return { remoteAddress: canonicalAddress(from), remotePort: Number(fromPort) };
}

const families: ReadonlyMap<string, (address: string) => boolean> = new Map([
  ['TCP4', isIPv4],
  ['TCP6', (address: string) => isIPv6(address) && !address.includes('%')],
]);

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readBinary(bytes: Buffer): ProxyHeaderReading | number {
  if (bytes.length < fixedLength) return fixedLength;
  const [versionAndCommand, familyAndTransport] = bytes.subarray(signature.length);
  const end = fixedLength + bytes.readUInt16BE(14);
  if (versionAndCommand !== local && versionAndCommand !== proxied) return malformed('the PROXY header has an unknown version or command');
  if (end - fixedLength > longestVariablePart) return malformed(`the PROXY header has more than ${longestVariablePart} bytes`);
  if (bytes.length < end) return end;
  const rest = bytes.subarray(end);
  if (versionAndCommand === local || familyAndTransport === unspecified) return { kind: 'header', source: undefined, rest };
  const source = familyAndTransport === tcpOverIpv4 ? sourceOfIpv4(bytes.subarray(fixedLength, end)) : undefined;
  const found = familyAndTransport === tcpOverIpv6 ? sourceOfIpv6(bytes.subarray(fixedLength, end)) : source;
  // Datagrams and unix sockets do not arrive here: nobody knows what such a header means, so nobody is let in with it.
  return found === undefined ? malformed('the PROXY header names no TCP connection') : { kind: 'header', source: found, rest };
}

const local = 0x20;
const proxied = 0x21;
const unspecified = 0x00;
const tcpOverIpv4 = 0x11;
const tcpOverIpv6 = 0x21;

/** Source, destination, their ports; TLVs may follow. */
function sourceOfIpv4(addresses: Buffer): PeerAddress | undefined {
  if (addresses.length < 12) return undefined;
  return { remoteAddress: [...addresses.subarray(0, 4)].join('.'), remotePort: addresses.readUInt16BE(8) };
}

function sourceOfIpv6(addresses: Buffer): PeerAddress | undefined {
  if (addresses.length < 36) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => addresses.readUInt16BE(2 * index).toString(16));
  return { remoteAddress: canonicalAddress(groups.join(':')), remotePort: addresses.readUInt16BE(32) };
}

function malformed(reason: string): ProxyHeaderReading {
  return { kind: 'malformed', reason };
}
