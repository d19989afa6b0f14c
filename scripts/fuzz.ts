// Long runs of what test/fuzz/ does briefly in every test run:
//
//   npm run fuzz                               every target for a minute
//   npm run fuzz -- path host --seconds 600    these, for ten minutes each
//   npm run fuzz -- path --seed 7              what the seed 7 makes; without one it is drawn, and told
//   npm run fuzz -- path --input FILE          the inputs of a finding, or of a corpus, once more
//
// What fails is made small, kept in test/fuzz/findings/, and told. Once it is mended its entry belongs into test/fuzz/corpus/.

import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allTargets } from '../test/fuzz/all-targets.ts';
import { entryOf, readCorpus, readEntries } from '../test/fuzz/corpus.ts';
import type { FuzzTarget } from '../test/fuzz/fuzz-target.ts';
import type { Finding, Progress } from '../test/fuzz/run-target.ts';
import { findingOf, outcomeOf, runTarget } from '../test/fuzz/run-target.ts';

const findings = 'test/fuzz/findings';
const progressMs = 5_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, input: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  const unknown = positionals.filter((name) => !allTargets.some((target) => target.name === name));
  const targets = positionals.length === 0 ? allTargets : allTargets.filter(({ name }) => positionals.includes(name));
  if (unknown.length > 0) return refuse(`no target ${unknown.join(', ')}; there are ${allTargets.map(({ name }) => name).join(', ')}`);
  if (!(seconds > 0)) return refuse(`--seconds takes a number, found "${values.seconds}"`);
  if (values.input !== undefined && targets.length !== 1) return refuse('--input needs the name of one target');
  const seed = values.seed ?? String(randomInt(2 ** 31));
  let found = 0;
  for (const target of targets) found += await (values.input === undefined ? run(target, seed, seconds) : repeat(target, values.input));
  return found === 0 ? 0 : 1;
}

function refuse(problem: string): number {
  process.stderr.write(`Cannot fuzz: ${problem}\n`);
  return 2;
}

/** How many findings there were. */
async function run(target: FuzzTarget, seed: string, seconds: number): Promise<number> {
  await using open = await target.open();
  const corpus = readCorpus(target.name);
  const begun = performance.now();
  let told = begun;
  process.stdout.write(`${target.name}: seed ${seed}, ${seconds} s, ${corpus.length} inputs in the corpus\n`);
  for (const { about, bytes } of corpus) {
    const outcome = await outcomeOf(open, bytes);
    if (outcome instanceof Error) return tell(target, await findingOf(open, bytes, outcome), `the corpus (${about})`);
  }
  const result = await runTarget(open, {
    seed,
    corpus,
    goesOn: () => performance.now() - begun < seconds * 1_000,
    onProgress(progress) {
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      process.stdout.write(`  ${describe(progress, told - begun)}\n`);
    },
  });
  process.stdout.write(`  ${describe(result, performance.now() - begun)}\n${outcomesOf(result)}`);
  return result.finding === undefined ? 0 : tell(target, result.finding, `seed ${seed}`);
}

function describe({ made, outcomes }: Progress, ms: number): string {
  const rate = Math.round((made * 1_000) / ms);
  return `${Math.round(ms / 1_000)} s: ${made.toLocaleString('en')} inputs, ${rate.toLocaleString('en')} a second, ${outcomes.size} outcomes`;
}

function outcomesOf({ outcomes }: Progress): string {
  const sorted = [...outcomes].toSorted(([, a], [, b]) => b - a);
  return sorted
    .slice(0, 30)
    .map(([outcome, count]) => `    ${count.toLocaleString('en').padStart(12)}  ${outcome}\n`)
    .join('');
}

function tell({ name }: FuzzTarget, { input, minimised, error }: Finding, from: string): number {
  const hash = createHash('sha256').update(minimised).digest('hex').slice(0, 8);
  const file = `${findings}/${name}-${hash}.json`;
  const [about = ''] = error.message.split('\n');
  mkdirSync(findings, { recursive: true });
  writeFileSync(file, `${JSON.stringify([entryOf(about, minimised)], undefined, 2)}\n`);
  process.stdout.write(
    `\n${error.stack ?? error.message}\n\nFound in ${name} by ${from}, made ${minimised.length} bytes of ${input.length}.\n` +
      `To repeat it: npm run fuzz -- ${name} --input ${file}\n\n`,
  );
  return 1;
}

async function repeat(target: FuzzTarget, file: string): Promise<number> {
  await using open = await target.open();
  let failed = 0;
  for (const { about, bytes } of readEntries(file)) {
    const outcome = await outcomeOf(open, bytes);
    failed += outcome instanceof Error ? 1 : 0;
    process.stdout.write(`${outcome instanceof Error ? (outcome.stack ?? outcome.message) : `holds (${outcome})`}: ${about}\n`);
  }
  return failed;
}
