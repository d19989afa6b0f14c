import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLinkLocal, isPublic } from '../../src/revocation/address-range.ts';

const linkLocal = [
  '169.254.169.254',
  '169.254.0.0',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'no address',
  '',
];
const inside = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.170',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:c0a8:101::1',
  'fc00::1',
  'fd00:ec2::254',
  'fec0::1',
  'ff02::1',
  '::ffff:0:7f00:1',
  '0:0:1::1',
  '1::1',
  '4000::1',
];
const everybodys = [
  '1.1.1.1',
  '100.63.255.255',
  '172.32.0.1',
  '9.9.9.9',
  '::ffff:1.1.1.1',
  '64:ff9b::101:101',
  '2606:4700::1111',
  '2002:101:101::1',
];

describe('isLinkLocal()', () => {
  it('knows link-local addresses however they are written, and refuses what is no address', () => {
    assert.deepEqual(
      linkLocal.filter((address) => !isLinkLocal(address)),
      [],
    );
    assert.deepEqual([...inside, ...everybodys].filter(isLinkLocal), []);
  });
});

describe('isPublic()', () => {
  it('takes no address for public that belongs to this machine, its network, or nobody', () => {
    assert.deepEqual([...linkLocal, ...inside].filter(isPublic), []);
  });

  it('takes the others for public', () => {
    assert.deepEqual(
      everybodys.filter((address) => !isPublic(address)),
      [],
    );
  });
});
