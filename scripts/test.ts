// The tests: `npm test`, `npm test -- test/policy`, `npm test -- decide`, `npm test -- --test-name-pattern=sign-in`.
// With POSTERN_REQUIRE_ALL=1 nothing may be missing. `--coverage` also measures, and enforces the floor of the project.

import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { findTool, optionalTools } from './optional-tools.ts';

const coverageFlags = [
  '--experimental-test-coverage',
  '--test-coverage-include=src/**/*.ts',
  '--test-coverage-lines=95',
  '--test-coverage-branches=90',
];

if (everythingNeededIsThere()) runTests(process.argv.slice(2));
else process.exitCode = 1;

function everythingNeededIsThere(): boolean {
  const absent = optionalTools.filter(({ command }) => findTool(command) === undefined);
  const requireAll = process.env['POSTERN_REQUIRE_ALL'] === '1';
  for (const { command, purpose } of absent) {
    process.stderr.write(`${command} is not installed${requireAll ? '' : ', so its tests are left out'} (${purpose})\n`);
  }
  return absent.length === 0 || !requireAll;
}

function runTests(args: readonly string[]): void {
  const flags = args.filter((arg) => arg.startsWith('-') && arg !== '--coverage');
  const filters = args.filter((arg) => !arg.startsWith('-'));
  const patterns = filters.length === 0 ? ['test/**/*.test.ts'] : filters.map(patternFor);
  const child = spawn(
    process.execPath,
    [
      '--test',
      // Most tests wait for sockets more than they compute, so two at a time pay even on one core.
      `--test-concurrency=${Math.max(2, availableParallelism())}`,
      '--test-timeout=120000',
      `--import=${import.meta.resolve('./end-stuck-tests.ts')}`,
      ...(args.includes('--coverage') ? coverageFlags : []),
      ...flags,
      ...patterns,
    ],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

/** A file as it is, a folder with all below it, anything else as part of a file's name. */
function patternFor(filter: string): string {
  if (!existsSync(filter)) return `test/**/*${filter}*.test.ts`;
  return statSync(filter).isDirectory() ? `${filter.replace(/\/$/, '')}/**/*.test.ts` : filter;
}
