import assert from 'node:assert/strict';
import { SocketAddress, isIP } from 'node:net';
import type { ProxyHeaderReading } from '../../../src/listener/proxy-header.ts';
import { createProxyHeaderReader } from '../../../src/listener/proxy-header.ts';
import { cutBytes, randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/** The PROXY header: however it is cut, it ends at the same byte, names the same peer, and not one byte after it is lost. */
export const proxyHeader: FuzzTarget = {
  name: 'proxy-header',
  briefly: 6_000,
  meets: ['TCP4', 'TCP6', 'UNKNOWN', 'binary IPv4', 'binary IPv6', 'LOCAL', 'incomplete', 'malformed'],
  open: () =>
    Promise.resolve({
      seeds: [],
      make: (random, known) => (random.oneIn(4) ? madeHeader(random) : mutateBytes(random, random.pick(known), { others: known, words })),
      check,
      [Symbol.asyncDispose]: closesNothing,
    }),
};

const signature = '\r\n\r\n\0\r\nQUIT\n';
const words = wordsOf(
  'PROXY ', 'TCP4', 'TCP6', 'UNKNOWN', ' ', '\r\n', '\r', '\n', '\0', '0', '00', '+1', '65536', '65535', '::', '::ffff:', '%eth0', '127.0.0.1',
  '1.2.3', '01.2.3.4', signature, '\x20', '\x21', '\x11', '\x31', 'GET / HTTP/1.1\r\n',
); // prettier-ignore

function madeHeader(random: Random): Buffer {
  const rest = random.oneIn(2) ? Buffer.from('GET / HTTP/1.1\r\n') : random.bytes(random.below(40));
  if (random.oneIn(2)) {
    const address = random.pick(['192.0.2.1', '::1', '2001:DB8::1', '::ffff:10.0.0.1', 'fe80::1%eth0', '1.2.3', '256.1.1.1', '']);
    const port = random.pick(['0', '1', '443', '65535', '65536', '080', '-1', '']);
    const line = `PROXY ${random.pick(['TCP4', 'TCP6', 'UNKNOWN', 'UDP4', 'tcp4'])} ${address} ${address} ${port} 443`;
    return Buffer.concat([Buffer.from(`${line}${random.pick(['\r\n', '\r\n', '\n', '\r', ''])}`, 'latin1'), rest]);
  }
  const addresses = random.bytes(random.pick([0, 4, 11, 12, 12, 36, 36, 216, 300]));
  const head = Buffer.from(`${signature}\0\0\0\0`, 'latin1');
  head[12] = random.pick([0x20, 0x21, 0x21, 0x11, 0x22, 0x2f]);
  head[13] = random.pick([0x00, 0x11, 0x11, 0x21, 0x21, 0x12, 0x31, 0xff]);
  head.writeUInt16BE(random.oneIn(4) ? random.below(0x1_0000) : addresses.length, 14);
  return Buffer.concat([head, addresses, rest]);
}

function check(input: Buffer): string {
  const expected = readSlowly(input);
  for (const chunks of [[input], cutBytes(randomOf(input), input), [...input].map((byte) => Buffer.of(byte))]) {
    const { reading, unread } = readChunks(chunks);
    // A few bytes that can't become a header may be kept until there are as many as the shortest binary one has.
    if (expected.kind === 'malformed' && reading.kind === 'incomplete' && input.length < 16) continue;
    assert.equal(reading.kind, expected.kind, `read as ${JSON.stringify(reading)}, expected ${JSON.stringify(expected)}`);
    if (reading.kind !== 'header' || expected.kind !== 'header') continue;
    assert.deepEqual(reading.source, expected.source, 'another peer is named');
    const left = Buffer.concat([reading.rest, ...unread]);
    assert.ok(left.equals(input.subarray(expected.end)), `${left.length} bytes are left, expected ${input.length - expected.end}`);
  }
  return expected.kind === 'header' ? expected.about : expected.kind;
}

interface ChunksRead {
  readonly reading: ProxyHeaderReading;
  readonly unread: readonly Buffer[];
}

function readChunks(chunks: readonly Buffer[]): ChunksRead {
  const reader = createProxyHeaderReader();
  for (const [index, chunk] of chunks.entries()) {
    const reading = reader.push(chunk);
    if (reading.kind !== 'incomplete') return { reading, unread: chunks.slice(index + 1) };
  }
  return { reading: { kind: 'incomplete' }, unread: [] };
}

type Slow =
  | { readonly kind: 'incomplete' | 'malformed' }
  | { readonly kind: 'header'; readonly about: string; readonly end: number; readonly source: unknown };

/** The protocol text once more, over all bytes at once: what it does not define is malformed, and so is what can no longer become a header. */
function readSlowly(input: Buffer): Slow {
  const text = input.toString('latin1');
  const isBinary = text.startsWith(signature);
  if (!isBinary && signature.startsWith(text)) return { kind: 'incomplete' };
  return isBinary ? readBinarySlowly(input) : readLineSlowly(text);
}

function readLineSlowly(text: string): Slow {
  // 107 bytes with the line end is the longest line of the protocol.
  const line = /^PROXY [\x20-\x7e]*\r\n/.exec(text.slice(0, 107))?.[0];
  if (line === undefined) {
    const mayBecome = text.length < 107 && ('PROXY '.startsWith(text) || /^PROXY [\x20-\x7e]*\r?$/.test(text));
    return { kind: mayBecome ? 'incomplete' : 'malformed' };
  }
  const end = line.length;
  const [, family = '', from = '', to = '', fromPort = '', toPort = '', ...more] = line.slice(0, -2).split(' ');
  if (family === 'UNKNOWN') return { kind: 'header', about: 'UNKNOWN', end, source: undefined };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : -1;
  const isSound = [from, to].every((address) => isIP(address) === version && !address.includes('%'));
  const arePorts = [fromPort, toPort].every((port) => /^\d{1,5}$/.test(port) && String(Number(port)) === port && Number(port) < 65_536);
  if (!isSound || !arePorts || more.length > 0) return { kind: 'malformed' };
  return { kind: 'header', about: family, end, source: { remoteAddress: plainAddress(from), remotePort: Number(fromPort) } };
}

function readBinarySlowly(input: Buffer): Slow {
  const [command, family] = input.subarray(12);
  if (input.length < 16) return { kind: 'incomplete' };
  const length = input.readUInt16BE(14);
  if ((command !== 0x20 && command !== 0x21) || length > 8_192) return { kind: 'malformed' };
  const end = 16 + length;
  if (input.length < end) return { kind: 'incomplete' };
  if (command === 0x20 || family === 0) return { kind: 'header', about: 'LOCAL', end, source: undefined };
  if (family === 0x11 && length >= 12) {
    const source = { remoteAddress: input.subarray(16, 20).join('.'), remotePort: input.readUInt16BE(24) };
    return { kind: 'header', about: 'binary IPv4', end, source };
  }
  if (family !== 0x21 || length < 36) return { kind: 'malformed' };
  const written = input
    .subarray(16, 32)
    .toString('hex')
    .replace(/(....)(?=.)/g, '$1:');
  const source = { remoteAddress: plainAddress(written), remotePort: input.readUInt16BE(48) };
  return { kind: 'header', about: 'binary IPv6', end, source };
}

/** By the WHATWG URL reader, which nobody at Postern's door uses: compressed, and IPv4 where it is only wrapped up. */
function plainAddress(address: string): string {
  if (isIP(address) === 4) return address;
  const compressed = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? [];
  if (high === undefined || low === undefined) return new SocketAddress({ address: compressed, family: 'ipv6' }).address;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
}
