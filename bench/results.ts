import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Figures } from './scenarios/scenario.ts';

/** One contestant in one scenario and round. */
export interface Measurement {
  readonly scenario: string;
  readonly candidate: string;
  /** Counted from 1. */
  readonly round: number;
  readonly figures: Figures;
}

export interface MicroResult {
  readonly name: string;
  readonly microseconds: number;
}

/** A scenario or a peer that was left out. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
  /** It should have worked. */
  readonly isBroken: boolean;
}

/** All of one run: what `bench/results/` keeps and `docs/performance.md` is written from. */
export interface Results {
  readonly version: 2;
  /** Day of the run, in UTC. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly quick: boolean;
  readonly load: string;
  readonly upstream: string;
  readonly candidates: readonly { readonly name: string; readonly description: string }[];
  readonly skipped: readonly Skipped[];
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

/** Those of earlier versions of this file are understood too. */
export function readResults(file: string): Results {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Results | FirstResults;
  if (read.version === 1) return fromFirst(read);
  if (read.version !== 2) throw new Error(`Cannot read ${file}: it is of another version than 1 and 2`);
  return read;
}

/** Version 1 knew two scenarios, and had their figures beside each other. */
interface FirstResults extends Omit<Results, 'version' | 'skipped' | 'measurements'> {
  readonly version: 1;
  readonly measurements: readonly (Omit<Measurement, 'figures'> & Readonly<Record<string, unknown>>)[];
}

function fromFirst(first: FirstResults): Results {
  const measurements = first.measurements.map(({ scenario, candidate, round, ...rest }) => {
    const figures = Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    return { scenario, candidate, round, figures: Object.fromEntries(figures) };
  });
  return { ...first, version: 2, skipped: [], measurements };
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
