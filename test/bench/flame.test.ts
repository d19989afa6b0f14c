import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CpuProfile } from '../../bench/flame/cpu-profile.ts';
import { buildFlame } from '../../bench/flame/build-flame.ts';
import { foldStacks } from '../../bench/flame/fold-stacks.ts';
import { writeFlame } from '../../bench/flame/write-flame.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

describe('foldStacks()', () => {
  it('sums what each chain of callers took itself, in the second half, without what waited', () => {
    const profile: CpuProfile = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 4, 5] },
        { id: 2, callFrame: frame('walk', 'file:///home/somebody/postern/src/walk.ts', 9), children: [3] },
        { id: 3, callFrame: frame('', 'node:net', 4), children: [6] },
        { id: 4, callFrame: frame('(idle)') },
        { id: 5, callFrame: frame('(garbage collector)') },
        { id: 6, callFrame: frame('flush', 'file:///home/somebody/postern/bin/compile-cache.js', 1) },
      ],
      //        the first half       counted            the end
      samples: [3, 3, 3, 3, 3, 3, 3, 2, 3, 3, 4, 5, 2, 6, 4, 4],
      timeDeltas: [7, 7, 7, 7, 7, 7, 7, 10, 5, 5, 9, 6, 10, 1, 3, 2],
    };
    assert.deepEqual(Object.fromEntries(foldStacks(profile)), {
      'walk src/walk.ts:10': 20,
      'walk src/walk.ts:10;(anonymous) node:net:5': 10,
      'walk src/walk.ts:10;(anonymous) node:net:5;flush bin/compile-cache.js:2': 1,
      '(garbage collector) native': 6,
    });
  });
});

describe('buildFlame()', () => {
  const folded = new Map([
    ['main;b', 60],
    ['main;a', 30],
    ['main', 8],
    ['tiny;deep', 2],
  ]);

  it('puts callees above their callers, by name, each as wide as all it took', () => {
    assert.deepEqual(buildFlame(folded, 0), {
      depth: 2,
      frames: [
        { label: 'main', depth: 0, from: 0, share: 0.98 },
        { label: 'a', depth: 1, from: 0, share: 0.3 },
        { label: 'b', depth: 1, from: 0.3, share: 0.6 },
        { label: 'tiny', depth: 0, from: 0.98, share: 0.02 },
        { label: 'deep', depth: 1, from: 0.98, share: 0.02 },
      ],
    });
  });

  it('leaves out what is too narrow to be seen, and keeps the others where they are', () => {
    const { frames } = buildFlame(folded, 0.1);
    assert.deepEqual(
      frames.map(({ label, from }) => [label, from]),
      [
        ['main', 0],
        ['a', 0],
        ['b', 0.3],
      ],
    );
  });
});

describe('writeFlame()', () => {
  const flame = { depth: 1, frames: [{ label: '<clinit> & src/walk.ts:1', depth: 0, from: 0, share: 1 }] };
  const svg = writeFlame(flame, 'HTTP/1.1');

  it('names the drawing and every frame, with its share', () => {
    assert.match(svg, /<title id="title">HTTP\/1\.1<\/title>/);
    assert.match(svg, /<g><title>&lt;clinit&gt; &amp; src\/walk\.ts:1, 100\.0 %<\/title><rect class="ours"/);
  });

  it('has no script, loads nothing, and has colours for the dark too', () => {
    assert.doesNotMatch(svg, /<script|href=|url\(|\son\w+=/);
    assert.match(svg, /prefers-color-scheme:dark/);
  });
});
