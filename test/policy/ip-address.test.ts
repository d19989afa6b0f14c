import assert from 'node:assert/strict';
import { BlockList, isIPv4 } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isInRange, parseAddress, parseAddressRange } from '../../src/policy/ip-address.ts';

function isIn(address: string, range: string): boolean {
  const parsed = parseAddress(address);
  const inside = parseAddressRange(range);
  assert.ok(parsed !== undefined && inside !== undefined, `${address} ${range}`);
  return isInRange(parsed, inside);
}

function isMapped(text: string): boolean {
  return parseAddress(text)?.family === 4 && !isIPv4(text);
}

describe('parseAddress()', () => {
  it('gives one form to all spellings of an address', () => {
    assert.deepEqual(parseAddress('255.0.0.1'), { family: 4, bits: 0xff00_0001 });
    assert.deepEqual(parseAddress('2001:db8::1'), { family: 6, bits: 0x2001_0db8_0000_0000_0000_0000_0000_0001n });
    assert.deepEqual(parseAddress('1:2:3:4:5:6:7:8'), { family: 6, bits: 0x0001_0002_0003_0004_0005_0006_0007_0008n });
    assert.deepEqual(parseAddress('::'), { family: 6, bits: 0n });
    for (const one of ['::ffff:192.0.2.1', '::FFFF:c000:0201', '0:0:0:0:0:ffff:192.0.2.1', '::ffff:192.0.2.1%eth0'])
      assert.deepEqual(parseAddress(one), parseAddress('192.0.2.1'));
    assert.deepEqual(parseAddress('64:ff9b::192.0.2.33'), { family: 6, bits: 0x0064_ff9b_0000_0000_0000_0000_c000_0221n });
  });

  it('refuses what is no IP literal', () => {
    for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4 ', ':::', '1::2::3', '[::1]', '::1/128'])
      assert.equal(parseAddress(text), undefined, text);
  });
});

describe('parseAddressRange()', () => {
  it('refuses lengths that do not fit, zones and anything around', () => {
    for (const text of [
      '10.0.0.0/',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0.0/08',
      '10.0.0.0/8/8',
      '/8',
      '::/129',
      'fe80::%eth0/64',
      ' ::/0',
    ])
      assert.equal(parseAddressRange(text), undefined, text);
  });

  it('reads a range wider than the IPv4-mapped block as one of IPv6', () => {
    assert.equal(isIn('192.0.2.1', '::ffff:0:0/96'), true);
    assert.equal(isIn('192.0.2.1', '::ffff:0:0/95'), false);
    assert.equal(isIn('::fffe:0:1', '::ffff:0:0/95'), true);
    assert.equal(parseAddressRange('::ffff:0:0/129'), undefined);
  });
});

describe('isInRange()', () => {
  it('agrees with the block list of Node for ranges of IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, network, length) => {
        const list = new BlockList();
        list.addSubnet(network, length, 'ipv4');
        assert.equal(isIn(address, `${network}/${length}`), list.check(address, 'ipv4'));
        assert.equal(isIn(network, `${network}/${length}`), true);
      }),
    );
  });

  it('agrees with the block list of Node for ranges of IPv6', () => {
    const address = fc.oneof(fc.ipV6(), fc.constantFrom('2001:db8::', '2001:db8:8000::1', '::1')).filter((text) => !isMapped(text));
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 128 }), (one, network, length) => {
        const list = new BlockList();
        list.addSubnet(network, length, 'ipv6');
        assert.equal(isIn(one, `${network}/${length}`), list.check(one, 'ipv6'), `${one} ${network}/${length}`);
      }),
    );
  });
});
