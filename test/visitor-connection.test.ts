import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileAcceptedProxies } from '../src/visitor-connection.ts';

describe('compileAcceptedProxies()', () => {
  const proxies = compileAcceptedProxies([
    { dialect: 'nginx', from: ['10.0.0.0/8', '10.0.0.5'] },
    { dialect: 'nginx', from: ['10.0.0.5', 'fd00::/8'] },
    { dialect: 'xfcc', from: ['192.0.2.1'] },
  ]);

  it('names the dialect of an address once, however many entries are for it', () => {
    assert.deepEqual(
      ['10.0.0.5', '10.9.9.9', '::ffff:10.0.0.5', 'fd00::1', '192.0.2.1', '192.0.2.2', '', 'unknown'].map((address) => [
        address,
        ...proxies.dialectsFrom(address),
      ]),
      [
        ['10.0.0.5', 'nginx'],
        ['10.9.9.9', 'nginx'],
        ['::ffff:10.0.0.5', 'nginx'],
        ['fd00::1', 'nginx'],
        ['192.0.2.1', 'xfcc'],
        ['192.0.2.2'],
        [''],
        ['unknown'],
      ],
    );
  });
});
