import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uuidV5 } from '../../src/identity/uuid-v5.ts';

describe('uuidV5()', () => {
  it('is that of RFC 9562, and names the sessions of tokens as Pomerium does', () => {
    assert.deepEqual(
      [
        uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com'),
        uuidV5('0194f6f8-e760-76a0-8917-e28ac927a34d', 'TOKEN'),
        uuidV5('0194f6f9-aec0-704e-bb4a-51054f17ad17', 'TOKEN'),
      ],
      ['2ed6657d-e927-568b-95e1-2665a8aea6a2', '532b0a3d-b413-50a0-8c9f-e6eb340a05d3', 'e0b8096c-54dd-5623-8098-5488f9c302db'],
    );
  });
});
