import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalAddress } from '../../src/listener/peer-address.ts';
import { peerNetwork } from '../../src/listener/peer-network.ts';

describe('peerNetwork()', () => {
  it('is the address itself for IPv4, and the first half of it for IPv6, however it is written', () => {
    const addresses = [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::1',
      '::',
      '2001:db8::1',
      '2001:db8:0:0:ffff::2',
      '2001:db8:1:2:3:4:5:6',
      '2001:db8:1:2::',
      'fe80::1',
      'fe80::1%eth0',
      '1::2:3:4:5:6:7',
      '64:ff9b::192.0.2.7',
    ];
    assert.deepEqual(
      addresses.map((address) => peerNetwork(canonicalAddress(address))),
      [
        '192.0.2.7',
        '192.0.2.7',
        '0:0:0:0::/64',
        '0:0:0:0::/64',
        '2001:db8:0:0::/64',
        '2001:db8:0:0::/64',
        '2001:db8:1:2::/64',
        '2001:db8:1:2::/64',
        'fe80:0:0:0::/64',
        'fe80:0:0:0::/64',
        '1:0:2:3::/64',
        '64:ff9b:0:0::/64',
      ],
    );
  });
});
