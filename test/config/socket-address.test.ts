import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSocketAddress } from '../../src/config/socket-address.ts';

describe('parseSocketAddress()', () => {
  it('reads a port alone, IPv4, bracketed IPv6 and localhost', () => {
    assert.deepEqual([':443', '127.0.0.1:0', '0.0.0.0:65535', '[::1]:9090', '[::]:443', 'localhost:1'].map(parseSocketAddress), [
      { host: '', port: 443 },
      { host: '127.0.0.1', port: 0 },
      { host: '0.0.0.0', port: 65_535 },
      { host: '::1', port: 9090 },
      { host: '::', port: 443 },
      { host: '127.0.0.1', port: 1 },
    ]);
  });

  it('refuses names, missing and impossible ports, and bare IPv6', () => {
    const texts = [
      '',
      '443',
      ':',
      'corp.example:443',
      'localhost.corp.example:443',
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
