import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSealer } from '../../src/identity/sealer.ts';

const secret = randomBytes(32);

describe('createSealer()', () => {
  it('opens what it sealed, for the same context only', () => {
    const sealer = createSealer([secret], 'a');
    const sealed = sealer.seal('żółw', 'context');
    assert.match(sealed, /^[A-Za-z0-9_-]+$/);
    assert.deepEqual(
      [sealer.open(sealed, 'context'), sealer.open(sealed, 'other'), createSealer([secret], 'a').open(sealed, 'context')],
      ['żółw', undefined, 'żółw'],
    );
  });

  it('never makes the same text twice', () => {
    const sealer = createSealer([secret], 'a');
    assert.notEqual(sealer.seal('x', ''), sealer.seal('x', ''));
  });

  it('opens nothing of another purpose or another secret', () => {
    const sealed = createSealer([secret], 'a').seal('x', '');
    assert.equal(createSealer([secret], 'b').open(sealed, ''), undefined);
    assert.equal(createSealer([randomBytes(32)], 'a').open(sealed, ''), undefined);
  });

  it('seals with the first of several secrets and opens what any of them sealed', () => {
    const older = randomBytes(32);
    const [before, during, after] = [createSealer([older], 'a'), createSealer([secret, older], 'a'), createSealer([secret], 'a')];
    const [old, fresh] = [before.seal('old', 'c'), during.seal('fresh', 'c')];
    assert.deepEqual(
      [before, during, after].map((sealer) => [sealer.open(old, 'c'), sealer.open(fresh, 'c')]),
      [
        ['old', undefined],
        ['old', 'fresh'],
        [undefined, 'fresh'],
      ],
    );
  });

  it('opens nothing with any bit changed, nothing shortened, nothing lengthened', () => {
    const sealer = createSealer([secret], 'a');
    const sealed = Buffer.from(sealer.sealBytes('some text', ''));
    const opened = new Set<string | undefined>();
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      opened.add(sealer.openBytes(changed, ''));
    }
    for (let length = 0; length < sealed.length; length += 1) opened.add(sealer.openBytes(sealed.subarray(0, length), ''));
    opened.add(sealer.openBytes(Buffer.concat([sealed, Buffer.of(0)]), ''));
    assert.deepEqual([...opened], [undefined]);
  });

  it('takes garbage for what it is', () => {
    const sealer = createSealer([secret], 'a');
    for (const garbage of [
      '',
      ' ',
      '!',
      'AQ',
      `${sealer.seal('x', '')}=`,
      `${sealer.seal('xx', '')}A`,
      `${sealer.seal('x', '')}\n`,
      '\0',
      'ż',
      'A'.repeat(10_000),
    ])
      assert.equal(sealer.open(garbage, ''), undefined);
  });
});
