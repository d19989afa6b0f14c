import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownCopy } from '../../src/http/own-copy.ts';

describe('ownCopy()', () => {
  it('is the same text', () => {
    for (const text of ['', 'a.example:8443', 'X-Forwarded-For', 'x'.repeat(1_000)]) assert.equal(ownCopy(text), text);
  });
});
