import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { entryOf, readCorpus } from './corpus.ts';
import type { FuzzTarget, OpenTarget } from './fuzz-target.ts';
import type { Finding } from './run-target.ts';
import { findingOf, outcomeOf, runTarget } from './run-target.ts';

const fixedSeed = 'postern';

/**
 * The part of fuzzing that belongs to every run of the tests: the corpus, a fixed seed that finds what it found yesterday, and another
 * one each time. What fails is told as an entry for the corpus.
 */
export function fuzzBriefly(target: FuzzTarget): void {
  describe(`fuzzing ${target.name}`, () => {
    let open: OpenTarget;
    const corpus = readCorpus(target.name);

    before(async () => {
      open = await target.open();
    });

    after(() => open[Symbol.asyncDispose]());

    it('finds what has to hold in everything that is kept in the corpus', async () => {
      assert.ok(corpus.length > 0, 'the corpus is empty');
      for (const { about, bytes } of corpus) {
        const outcome = await outcomeOf(open, bytes);
        if (outcome instanceof Error) throw complaint(target, await findingOf(open, bytes, outcome), `the corpus (${about})`);
      }
    });

    for (const seed of [fixedSeed, String(randomInt(2 ** 31))]) {
      it(`finds what has to hold in ${target.briefly} inputs of the seed ${seed}`, async (t) => {
        t.diagnostic(`seed ${seed}`);
        const { finding, outcomes } = await runTarget(open, { seed, corpus, goesOn: (made) => made < target.briefly });
        if (finding !== undefined) throw complaint(target, finding, `seed ${seed}`);
        // A drawn seed may miss one, once in a thousand runs, and nothing is wrong then.
        const missing = seed === fixedSeed ? target.meets.filter((outcome) => !outcomes.has(outcome)) : [];
        assert.deepEqual(missing, [], `only these came up: ${[...outcomes.keys()].join(', ')}`);
      });
    }
  });
}

function complaint({ name }: FuzzTarget, { minimised, error }: Finding, from: string): Error {
  const entry = JSON.stringify([entryOf(error.message.slice(0, 80), minimised)]);
  return new Error(
    `${error.message}\n\nFound with ${from}. To repeat it, write this into a file and give its name to npm run fuzz -- ${name} --input:\n${entry}`,
  );
}
