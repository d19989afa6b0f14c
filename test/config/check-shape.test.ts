import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkShape } from '../../src/config/check-shape.ts';

describe('checkShape()', () => {
  it('takes what is wrong away in its place alone, where the same is written elsewhere and right', () => {
    const shared = { status: 404 };
    const { raw, findings } = checkShape({
      routes: [
        { from: 'https://a.example.com', response: shared },
        { from: 'https://b.example.com', redirect: shared },
      ],
    });
    assert.deepEqual(
      findings.map(({ path }) => path),
      [['routes', 1, 'redirect', 'status']],
    );
    assert.deepEqual(
      raw.routes?.map(({ response }) => response?.status),
      [404, undefined],
    );
    assert.deepEqual(shared, { status: 404 });
  });
});
