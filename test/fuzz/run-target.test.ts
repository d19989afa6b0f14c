import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { allTargets } from './all-targets.ts';
import { entryOf, readCorpus } from './corpus.ts';
import { cutBytes, randomOf } from './cut-bytes.ts';
import type { OpenTarget } from './fuzz-target.ts';
import { closesNothing } from './fuzz-target.ts';
import { minimise } from './minimise.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { createRandom } from './random.ts';
import { runTarget } from './run-target.ts';

/** A target whose check throws for some inputs, as a reader with a bug in it does. */
function targetThat(fails: (input: Buffer) => boolean): OpenTarget {
  return {
    seeds: [Buffer.from('hello')],
    make: (random, known) => mutateBytes(random, random.pick(known), { others: known, words: [] }),
    check(input) {
      if (fails(input)) throw new Error(`Cannot read ${JSON.stringify(input.toString('latin1'))}`);
      return `${input.length % 3} more than a multiple of three`;
    },
    [Symbol.asyncDispose]: closesNothing,
  };
}

describe('runTarget()', () => {
  it('finds what fails, and makes it as small as it goes with the same complaint', async () => {
    const target = targetThat((input) => input.includes(0xff) && input.length > 2);
    const { finding } = await runTarget(target, { seed: 'a', corpus: [], goesOn: (made) => made < 5_000 });
    assert.ok(finding !== undefined);
    assert.deepEqual(Buffer.from(finding.minimised.toSorted()), Buffer.from([0x61, 0x61, 0xff]));
    assert.match(finding.error.message, /^Cannot read/);
  });

  it('makes the same inputs for the same seed, and others for another', async () => {
    assert.deepEqual(await madeWith('a'), await madeWith('a'));
    assert.notDeepEqual(await madeWith('a'), await madeWith('b'));
  });

  it('counts outcomes and ends without a finding where nothing fails', async () => {
    const { finding, made, outcomes } = await runTarget(
      targetThat(() => false),
      { seed: 'a', corpus: [], goesOn: (count) => count < 300 },
    );
    assert.deepEqual([finding, made, outcomes.size, [...outcomes.values()].reduce((a, b) => a + b)], [undefined, 300, 3, 300]);
  });
});

async function madeWith(seed: string): Promise<readonly string[]> {
  const inputs: string[] = [];
  const target = targetThat((input) => inputs.push(input.toString('hex')) < 0);
  await runTarget(target, { seed, corpus: [], goesOn: (count) => count < 50 });
  return inputs;
}

describe('minimise()', () => {
  it('leaves out what need not be there, within its budget', async () => {
    let asked = 0;
    const fails = (candidate: Buffer): Promise<boolean> => {
      asked += 1;
      return Promise.resolve(candidate.includes('ab') && candidate.includes('z'));
    };
    assert.equal((await minimise(Buffer.from('xxabyyyyyyyyyyyyyyyyzxx'), fails)).toString(), 'abz');
    asked = 0;
    await minimise(Buffer.alloc(1_000), () => Promise.resolve((asked += 1) < 0), 40);
    assert.equal(asked, 40);
  });
});

describe('cutBytes()', () => {
  it('loses nothing, and cuts the same bytes always in the same way', () => {
    for (let length = 0; length < 300; length += 7) {
      const bytes = createRandom(String(length)).bytes(length);
      const chunks = cutBytes(randomOf(bytes), bytes);
      assert.ok(Buffer.concat(chunks).equals(bytes) && chunks.every((chunk) => chunk.length > 0));
      assert.deepEqual(cutBytes(randomOf(bytes), bytes), chunks);
    }
  });
});

describe('the corpus', () => {
  it('keeps every byte of an input', () => {
    for (const bytes of [Buffer.from('a\r\n\t\xff', 'latin1'), Buffer.from([0, 1, 127, 128]), Buffer.alloc(0)]) {
      const { text, base64 = '' } = entryOf('x', bytes);
      assert.ok((text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text, 'latin1')).equals(bytes));
    }
  });

  it('has inputs for every target, and every target is run by the tests', () => {
    const files = globSync('*.ts', { cwd: join(import.meta.dirname, 'targets') }).filter((file) => !file.endsWith('.test.ts'));
    const names = allTargets.map(({ name }) => name);
    assert.deepEqual(files.map((file) => file.replace('.ts', '')).toSorted(), names.toSorted());
    for (const name of names) {
      assert.ok(readCorpus(name).length > 5, name);
      assert.ok(existsSync(join(import.meta.dirname, `targets/${name}.test.ts`)), name);
    }
  });
});
