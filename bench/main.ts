// How much an authorised request costs: `npm run bench`, `npm run bench -- --quick`, `npm run bench -- --help`. Linux, loopback only.
// And whether memory stays flat: `npm run bench -- soak`.

import { runMicroBenchmarks } from './micro.ts';
import type { BenchOptions } from './options.ts';
import { parseOptions } from './options.ts';
import { cleanUpAtEnd } from './processes.ts';
import { profile } from './profile.ts';
import { writeReport } from './report.ts';
import { keepResults, readResults } from './results.ts';
import { run } from './run.ts';
import { showSoak } from './show-soak.ts';
import { writeDocs } from './write-docs.ts';

// A run that hangs must not hang for ever; the longest sensible one takes a quarter of that, but for a soak that is told how long.
const longestMinutes = 45;

cleanUpAtEnd();
const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stdout.write(`${options}\n`);
  process.exitCode = 2;
} else if (process.platform !== 'linux') {
  process.stdout.write('npm run bench reads what processes cost from /proc, which only Linux has\n');
  process.exitCode = 1;
} else {
  const minutes = longestMinutes + (options.soakMinutes ?? 0);
  setTimeout(() => giveUp(new Error(`Not done after ${minutes} minutes`)), minutes * 60_000).unref();
  await perform(options).catch(giveUp);
  // Connections of the sign-in may still be open; nobody needs them any more.
  process.exit();
}

async function perform(chosen: BenchOptions): Promise<void> {
  if (chosen.soakMinutes !== undefined) return showSoak(chosen.soakMinutes, say);
  if (chosen.microOnly) return showMicro();
  if (chosen.profile) return profile(chosen, say);
  const results = chosen.from === undefined ? await run(chosen, say) : readResults(chosen.from);
  say(`\n${writeReport(results)}`);
  if (chosen.from === undefined) say(`Kept in ${keepResults(results)}`);
  if (chosen.writeDocs) {
    writeDocs(results);
    say('Written into docs/performance.md');
  }
}

async function showMicro(): Promise<void> {
  for (const { name, microseconds } of await runMicroBenchmarks(100)) say(`${name.padEnd(45)} ${microseconds.toFixed(3).padStart(9)} µs`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function giveUp(error: unknown): never {
  process.stderr.write(`npm run bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
