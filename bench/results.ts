import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/** One candidate in one scenario and round. */
export interface Measurement {
  readonly scenario: string;
  readonly candidate: string;
  /** Counted from 1. */
  readonly round: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** CPU time of the proxy, its children included, in µs. */
  readonly cpuMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Of the proxy, after the round. */
  readonly memoryMib: number;
}

export interface MicroResult {
  readonly name: string;
  readonly microseconds: number;
}

/** All of one run: what `bench/results/` keeps and `docs/performance.md` is written from. */
export interface Results {
  readonly version: 1;
  /** Day of the run, in UTC. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly quick: boolean;
  readonly load: string;
  readonly upstream: string;
  readonly candidates: readonly { readonly name: string; readonly description: string }[];
  readonly measurements: readonly Measurement[];
  readonly micro: readonly MicroResult[];
}

const directory = join(import.meta.dirname, 'results');

/** Keeps the results as `DATE-COMMIT.json`, replacing those of the same day and commit; gives the path from the top of the repository. */
export function keepResults(results: Results): string {
  mkdirSync(directory, { recursive: true });
  const name = `${results.date}-${results.commit.replace('+', '-changed')}.json`;
  writeFileSync(join(directory, name), `${JSON.stringify(results, rounded, 2)}\n`);
  return `bench/results/${name}`;
}

export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  if (results.version !== 1) throw new Error(`Cannot read ${file}: it is of another version than 1`);
  return results;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
