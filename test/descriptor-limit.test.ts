import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { descriptorLimit, parseDescriptorLimit } from '../src/descriptor-limit.ts';

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             5                    6                    processes \nMax open files            ${soft}                 4096                 files     \n`;

describe('descriptorLimit()', () => {
  it('is the soft limit of open files, or nothing where there is none', () => {
    assert.deepEqual([limits('1024'), limits('unlimited'), ''].map(parseDescriptorLimit), [1024, undefined, undefined]);
  });

  it('reads that of this process where the system says it', () => {
    const limit = descriptorLimit();
    assert.equal(limit === undefined || limit > 2, true);
  });
});
