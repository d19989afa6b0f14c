import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TlsGroup } from '../../src/listener/tls-groups.ts';
import { ticketOptions } from '../../src/listener/tls-options.ts';

const plain: TlsGroup = { id: 'a', asks: false, requires: false, namesAuthorities: true, allowsPartialChain: true, anchors: [] };
const seed = new Uint8Array(32).fill(7);

describe('ticketOptions()', () => {
  it('makes the same keys of the same seed for a group, and others for another group or of another seed', () => {
    const keys = [plain, plain, { ...plain, id: 'b' }].map((group) => ticketOptions(group, seed).ticketKeys?.toString('hex'));
    const other = ticketOptions(plain, new Uint8Array(32)).ticketKeys?.toString('hex');
    assert.deepEqual([keys[0]?.length, keys[0] === keys[1], new Set([...keys, other]).size], [96, true, 3]);
  });

  it('makes none for a group that asks for certificates, nor for a process that is alone', () => {
    assert.deepEqual([ticketOptions({ ...plain, asks: true }, seed), ticketOptions(plain, undefined)], [{}, {}]);
  });
});
