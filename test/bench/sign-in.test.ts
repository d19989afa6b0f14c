import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutEmpty } from '../../bench/candidates/sign-in.ts';

describe('withoutEmpty()', () => {
  it('leaves out what was deleted, and keeps a value that ends with an equals sign', () => {
    assert.equal(withoutEmpty('session=a|b=; csrf=; other=c; last=='), 'session=a|b=; other=c; last==');
  });
});
