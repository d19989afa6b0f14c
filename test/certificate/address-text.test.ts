import { deepEqual } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressText } from '../../src/certificate/address-text.ts';

describe('addressText()', () => {
  // The examples of RFC 5952 section 4, and the edges.
  const texts: readonly (readonly [hex: string, text: string | undefined])[] = [
    ['0a000001', '10.0.0.1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['0000000000000000000000000a000001', '::a00:1'],
    ['00000000000000000000ffff0a000001', '10.0.0.1'],
    ['20010DB8AAAABBBBCCCCDDDDEEEEFFFF', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff'],
    ['', undefined],
    ['0a0000', undefined],
    ['0a000001ffffff00', undefined],
  ];
  it('has one text for every address, and none for what is no address', () => {
    deepEqual(
      texts.map(([hex]) => addressText(Buffer.from(hex, 'hex'))),
      texts.map(([, text]) => text),
    );
  });
});
