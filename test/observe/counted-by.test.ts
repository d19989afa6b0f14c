import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countedBy } from '../../src/observe/counted-by.ts';
import { LaterRegistry } from '../../src/observe/later-registry.ts';

async function samples(registry: LaterRegistry): Promise<readonly string[]> {
  return (await registry.open().metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('countedBy()', () => {
  it('keeps apart what differs in any label, in the order in which it came up', async () => {
    const registry = new LaterRegistry();
    const count = countedBy(registry, 'c', { help: 'h', labels: ['x', 'y', 'z'] });
    for (const [x, y, z] of [['a', 'b', 1], ['a', 'b', 2], ['a', 'c', 1], ['b', 'b', 1], ['a', 'b', 1]] as const) count(x, y, z); // prettier-ignore
    assert.deepEqual(await samples(registry), [
      'c{x="a",y="b",z="1"} 2',
      'c{x="a",y="b",z="2"} 1',
      'c{x="a",y="c",z="1"} 1',
      'c{x="b",y="b",z="1"} 1',
    ]);
  });

  it('counts on from scrape to scrape, and names only the labels there are', async () => {
    const registry = new LaterRegistry();
    const count = countedBy(registry, 'c', { help: 'h', labels: ['x'] });
    count('a');
    count('a');
    assert.deepEqual(await samples(registry), ['c{x="a"} 2']);
    count('a');
    assert.deepEqual([await samples(registry), await samples(registry)], [['c{x="a"} 3'], ['c{x="a"} 3']]);
  });

  it('writes a label that was not said as none', async () => {
    const registry = new LaterRegistry();
    countedBy(registry, 'c', { help: 'h', labels: ['x', 'y'] })('a');
    assert.deepEqual(await samples(registry), ['c{x="a",y="none"} 1']);
  });
});
