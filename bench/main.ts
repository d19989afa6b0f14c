// What Postern costs: `npm run bench`, `npm run bench -- --quick`, `npm run bench -- --help`. Linux, loopback only.
// And whether memory stays flat: `npm run bench -- soak`.

import { compare } from './compare.ts';
import { runMicroBenchmarks } from './micro.ts';
import type { BenchOptions } from './options.ts';
import { parseOptions } from './options.ts';
import { cleanUpAtEnd } from './processes.ts';
import { profile } from './profile.ts';
import { quietenProvider } from './quieten-provider.ts';
import { writeReport } from './report.ts';
import type { Results } from './results.ts';
import { keepResults, readResults } from './results.ts';
import { run } from './run.ts';
import { showSoak } from './show-soak.ts';
import { writeDocs } from './write-docs.ts';

// A run that hangs must not hang for ever; a whole one with many peers takes a third of that. A soak is told how long.
const longestMinutes = 120;

cleanUpAtEnd();
quietenProvider();
const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stdout.write(`${options}\n`);
  process.exitCode = 2;
} else if (process.platform !== 'linux') {
  process.stdout.write('npm run bench reads what processes cost from /proc, which only Linux has\n');
  process.exitCode = 1;
} else {
  const minutes = longestMinutes + (options.task.kind === 'soak' ? options.task.minutes : 0);
  setTimeout(() => giveUp(new Error(`Not done after ${minutes} minutes`)), minutes * 60_000).unref();
  await perform(options).catch(giveUp);
  // Connections of the sign-in may still be open; nobody needs them any more.
  process.exit();
}

async function perform(chosen: BenchOptions): Promise<void> {
  const { task } = chosen;
  switch (task.kind) {
    case 'soak':
      return showSoak(task.minutes, say);
    case 'micro':
      return showMicro();
    case 'profile':
      return profile(chosen, task.flame, say);
    case 'compare':
      return compare(task, chosen, say);
    case 'show':
      return show(readResults(task.file), chosen);
    case 'measure':
      return show(await run({ options: chosen, say }), chosen);
  }
}

function show(results: Results, { keep, writeDocs: isForDocs }: BenchOptions): void {
  say(`\n${writeReport(results)}`);
  if (keep) say(`Kept in ${keepResults(results)}`);
  if (isForDocs) {
    writeDocs(results);
    say('Written into docs/performance.md');
  }
  const broken = results.skipped.filter(({ isBroken }) => isBroken);
  if (broken.length === 0) return;
  say(`Failed: ${broken.map(({ what }) => what).join(', ')}`);
  process.exitCode = 1;
}

async function showMicro(): Promise<void> {
  for (const { name, microseconds } of await runMicroBenchmarks({ batchMs: 100, withLongLists: true }))
    say(`${name.padEnd(45)} ${microseconds.toFixed(3).padStart(9)} µs`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function giveUp(error: unknown): never {
  process.stderr.write(`npm run bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
