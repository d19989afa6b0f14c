import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSocketAddress } from '../../src/config/socket-address.ts';

describe('parseSocketAddress()', () => {
  it('reads a port alone, IPv4 and bracketed IPv6', () => {
    assert.deepEqual([':443', '127.0.0.1:0', '0.0.0.0:65535', '[::1]:9090', '[::]:443'].map(parseSocketAddress), [
      { host: '', port: 443 },
      { host: '127.0.0.1', port: 0 },
      { host: '0.0.0.0', port: 65_535 },
      { host: '::1', port: 9090 },
      { host: '::', port: 443 },
    ]);
  });

  it('refuses names, missing and impossible ports, and bare IPv6', () => {
    const texts = [
      '',
      '443',
      ':',
      'localhost:443',
      '127.0.0.1',
      ':65536',
      '::1:443',
      '[127.0.0.1]:1',
      '[]:1',
      ':443 ',
      ' :443',
      ':-1',
      '[::1%lo]:1/',
    ];
    assert.deepEqual(
      texts.filter((text) => parseSocketAddress(text) !== undefined),
      [],
    );
  });
});
