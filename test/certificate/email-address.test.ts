import { deepEqual } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEmailAddress } from '../../src/certificate/email-address.ts';

describe('readEmailAddress()', () => {
  it('lower-cases the domain and nothing else', () => {
    deepEqual(readEmailAddress("O'Hara+x@CORP.Example"), { text: "O'Hara+x@corp.example", domain: 'corp.example' });
    deepEqual(readEmailAddress('żaba@corp.example'), { text: 'żaba@corp.example', domain: 'corp.example' });
  });

  it('refuses what two readers may take for two addresses', () => {
    const refused = [
      '',
      '@',
      'a',
      'a@',
      '@b',
      'a@b@c',
      'a b@c',
      'a\u00a0b@c',
      'a@b c',
      'a\0@b',
      'a@b\0',
      'a\n@b',
      'a\u200b@b',
      'a@b\u00fc.example',
      'a@[10.0.0.1]',
    ];
    deepEqual(
      refused.map(readEmailAddress),
      refused.map(() => undefined),
    );
  });
});
