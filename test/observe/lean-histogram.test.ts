import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram, Registry } from 'prom-client';
import { LaterRegistry } from '../../src/observe/later-registry.ts';
import { LeanHistogram } from '../../src/observe/lean-histogram.ts';

const described = { name: 'h', help: 'a "histogram"\nof two lines', buckets: [0.001, 0.5, 1, 60] };

/** What a histogram of ours and one of the library say after the same values. */
async function bothAfter(values: readonly number[]): Promise<readonly { readonly text: string; readonly objects: unknown }[]> {
  const later = new LaterRegistry();
  const theirs = new Registry();
  const lean = new LeanHistogram({ ...described, registry: later });
  const library = new Histogram({ ...described, registers: [theirs] });
  for (const value of values) {
    lean.add(value);
    library.observe(value);
  }
  const ours = later.open();
  return Promise.all([ours, theirs].map(async (registry) => ({ text: await registry.metrics(), objects: await plain(registry) })));
}

/** Without the places for exemplars, which are in no text of this format. */
async function plain(registry: Registry): Promise<unknown> {
  const objects = await registry.getMetricsAsJSON();
  return JSON.parse(JSON.stringify(objects, (key, value: unknown) => (key === 'exemplar' ? undefined : value)));
}

describe('LeanHistogram', () => {
  it('says byte for byte what the histogram of the library says', async () => {
    const values = [0, 0.001, 0.0010001, 0.1, 0.2, 0.5, 0.7, 1, 1.5, 60, 60.1, 1e9, -1];
    for (const some of [[], [0.25], values, Array.from({ length: 2000 }, (_, index) => index / 7)]) {
      const [ours, theirs] = await bothAfter(some);
      assert.deepEqual(ours, theirs);
    }
  });

  it('is added up with those of other processes as that of the library is', async () => {
    const merged = await Promise.all(
      [0, 1].map(async (which) => {
        const dumps = [await bothAfter([0.1, 2]), await bothAfter([0.7])].map((both) => both[which]?.objects);
        return Registry.aggregate(dumps as Parameters<typeof Registry.aggregate>[0]).metrics();
      }),
    );
    assert.equal(merged[0], merged[1]);
    assert.match(merged[0] ?? '', /^h_count 3$/m);
  });

  it('refuses what is no finite number, which would spoil the sum', async () => {
    const registry = new LaterRegistry();
    const lean = new LeanHistogram({ ...described, registry });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => lean.add(value), TypeError);
    assert.match(await registry.open().metrics(), /^h_sum 0$/m);
  });
});
