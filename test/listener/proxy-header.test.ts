import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createProxyHeaderReader } from '../../src/listener/proxy-header.ts';
import { binaryHeader, tcp4, tcp6 } from './proxy-header-bytes.ts';

describe('createProxyHeaderReader()', () => {
  it('reads a line of version 1, and hands on what follows it', () => {
    const cases = {
      'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n': '192.0.2.7 56324',
      'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n': '255.255.255.255 65535',
      'PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n': '0.0.0.0 0',
      'PROXY TCP6 2001:DB8:0:0::1 2001:db8::2 1 443\r\n': '2001:db8::1 1',
      'PROXY TCP6 ::ffff:192.0.2.7 ::1 1 443\r\n': '192.0.2.7 1',
      'PROXY UNKNOWN\r\n': 'unknown',
      'PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n': 'unknown',
      [`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`]: 'unknown',
    };
    assert.deepEqual(
      Object.fromEntries(Object.keys(cases).map((line) => [line, read(`${line}\x16\x03`)])),
      mapValues(cases, (source) => `${source} + 1603`),
    );
  });

  it('refuses lines that could be read in two ways, or in none', () => {
    const lines = [
      'GET / HTTP/1.1\r\n',
      '\x16\x03\x01',
      'proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY\tTCP4 1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n',
      'PROXY TCP4\r\n',
      'PROXY \r\n',
      'PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY UNKNOWNx\r\n',
      'PROXY TCP4 01.2.3.4 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n',
      'PROXY TCP4 localhost 1.2.3.4 1 1\r\n',
      'PROXY TCP4 ::1 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3.4 ::1 1 1\r\n',
      'PROXY TCP6 1.2.3.4 ::1 1 1\r\n',
      'PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n',
      'PROXY TCP6 [::1] ::1 1 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 00\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 +1 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1e3\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1\rX\r\n',
      'PROXY TCP4 1.2.3.4\r 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3.4\0 1.2.3.4 1 1\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 1\u00a0\r\n',
      `PROXY UNKNOWN ${'x'.repeat(92)}\r\n`,
      `PROXY UNKNOWN ${'x'.repeat(500)}`,
    ];
    // A lone CR is not wrong before another byte than LF follows.
    assert.deepEqual(
      lines.filter((line) => !read(`${line}\x16\x03`).startsWith('malformed')),
      [],
    );
  });

  it('reads a header of version 2, whatever comes behind its addresses', () => {
    const tlv = Buffer.concat([Buffer.of(0x03, 0, 4), Buffer.from('crc!')]);
    const cases: readonly (readonly [Buffer, string])[] = [
      [binaryHeader(0x21, 0x11, tcp4('192.0.2.7', 56_324)), '192.0.2.7 56324'],
      [binaryHeader(0x21, 0x11, Buffer.concat([tcp4('192.0.2.7', 1), tlv])), '192.0.2.7 1'],
      [binaryHeader(0x21, 0x11, Buffer.concat([tcp4('192.0.2.7', 1), Buffer.alloc(8_180)])), '192.0.2.7 1'],
      [binaryHeader(0x21, 0x21, tcp6('20010db8000000000000000000000001', 443)), '2001:db8::1 443'],
      [binaryHeader(0x21, 0x21, tcp6('00000000000000000000ffffc0000207', 443)), '192.0.2.7 443'],
      [binaryHeader(0x20, 0x00, Buffer.alloc(0)), 'unknown'],
      [binaryHeader(0x20, 0x11, tcp4('192.0.2.7', 1)), 'unknown'],
      [binaryHeader(0x20, 0x77, Buffer.from('anything')), 'unknown'],
      [binaryHeader(0x21, 0x00, Buffer.alloc(0)), 'unknown'],
      [binaryHeader(0x21, 0x00, tlv), 'unknown'],
    ];
    assert.deepEqual(
      cases.map(([bytes]) => read(Buffer.concat([bytes, Buffer.of(0x16, 0x03)]))),
      cases.map(([, source]) => `${source} + 1603`),
    );
  });

  it('refuses other versions, commands, families and transports, short addresses and long headers', () => {
    const headers = [
      binaryHeader(0x11, 0x11, tcp4('192.0.2.7', 1)),
      binaryHeader(0x31, 0x11, tcp4('192.0.2.7', 1)),
      binaryHeader(0x22, 0x11, tcp4('192.0.2.7', 1)),
      binaryHeader(0x21, 0x10, tcp4('192.0.2.7', 1)),
      binaryHeader(0x21, 0x12, tcp4('192.0.2.7', 1)),
      binaryHeader(0x21, 0x22, tcp6('0'.repeat(32), 1)),
      binaryHeader(0x21, 0x31, Buffer.alloc(216)),
      binaryHeader(0x21, 0x41, Buffer.alloc(216)),
      binaryHeader(0x21, 0x01, Buffer.alloc(216)),
      binaryHeader(0x21, 0x11, tcp4('192.0.2.7', 1).subarray(0, 11)),
      binaryHeader(0x21, 0x21, tcp6('0'.repeat(32), 1).subarray(0, 35)),
      binaryHeader(0x21, 0x21, tcp4('192.0.2.7', 1)),
      binaryHeader(0x21, 0x11, Buffer.alloc(8_193)),
      Buffer.from('\r\n\r\n\0\r\nQUIX\n!\x11\0\x0c'),
      Buffer.from('\r\n\r\nGET'),
    ];
    assert.deepEqual(
      headers.filter((bytes) => !read(bytes).startsWith('malformed')),
      [],
    );
  });

  it('refuses by the fixed part alone: nobody collects what was announced', () => {
    assert.match(read(binaryHeader(0x21, 0x11, Buffer.alloc(65_535)).subarray(0, 16)), /^malformed/);
    assert.match(read(binaryHeader(0x41, 0x11, Buffer.alloc(12)).subarray(0, 16)), /^malformed/);
  });

  it('reads the same however the bytes are cut', () => {
    const headers = [
      Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'),
      Buffer.from('PROXY UNKNOWN\r\n'),
      Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\rX'),
      Buffer.from(`PROXY ${'x'.repeat(200)}`),
      binaryHeader(0x21, 0x21, Buffer.concat([tcp6('20010db8000000000000000000000001', 443), Buffer.alloc(300)])),
      binaryHeader(0x21, 0x31, Buffer.alloc(216)),
    ];
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    for (const header of headers) {
      const bytes = Buffer.concat([header, Buffer.from('rest')]);
      const whole = read(bytes);
      assert.equal(
        read(
          bytes,
          [...bytes].map(() => 1),
        ),
        whole.replace(/ \+ .*/, ' + '),
      );
      fc.assert(
        fc.property(cuts, (lengths) => {
          assert.equal(read(bytes, lengths).replace(/ \+ .*/, ''), whole.replace(/ \+ .*/, ''));
        }),
        { numRuns: 200 },
      );
    }
  });

  it('never throws, and never takes more than its longest header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, isBinary) => {
        const begin = isBinary ? binaryHeader(0x21, 0x11, Buffer.alloc(0)).subarray(0, 12) : Buffer.from('PROXY ');
        read(Buffer.concat([begin, noise]));
      }),
    );
    const reader = createProxyHeaderReader();
    let pushed = 0;
    let reading = reader.push(binaryHeader(0x21, 0x11, Buffer.alloc(8_192)).subarray(0, 16));
    while (reading.kind === 'incomplete' && pushed <= 8_192) {
      reading = reader.push(Buffer.of(0));
      pushed += 1;
    }
    assert.deepEqual([reading.kind, pushed], ['header', 8_192]);
  });
});

/** What is read of bytes that arrive in pieces of these lengths, and the rest of them at once; in hex what came after the header. */
function read(bytes: string | Buffer, lengths: readonly number[] = []): string {
  const reader = createProxyHeaderReader();
  const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  let at = 0;
  for (const length of [...lengths, all.length]) {
    if (at >= all.length) break;
    const reading = reader.push(all.subarray(at, at + length));
    at += length;
    if (reading.kind === 'malformed') return `malformed: ${reading.reason}`;
    if (reading.kind === 'incomplete') continue;
    const { source, rest } = reading;
    return `${source === undefined ? 'unknown' : `${source.remoteAddress} ${source.remotePort}`} + ${rest.toString('hex')}`;
  }
  return 'incomplete';
}

function mapValues(record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
