import { isPlainObject } from '../../policy/plain-data.ts';
import { nearestWord } from '../../config/nearest-word.ts';
import type { SettingPath } from '../../config/problem.ts';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import { either } from '../../config/read-value.ts';
import type { Reading } from '../../config/reading.ts';

/** A value of a test file and where it stands. */
export interface Leaf {
  readonly path: SettingPath;
  readonly value: unknown;
}

// Every reader answers undefined when it told a problem, and stops at none: all problems are told at once.

/** The entries of a map with a fixed set of keys; unknown ones are told and left out. */
export function readKeys(reading: Reading, leaf: Leaf, known: readonly string[]): ReadonlyMap<string, Leaf> | undefined {
  const entries = readEntries(reading, leaf);
  if (entries === undefined) return undefined;
  for (const key of entries.keys()) if (!known.includes(key)) refuseUnknown(reading, { ...leaf, key }, known);
  return new Map([...entries].filter(([key]) => known.includes(key)));
}

function refuseUnknown(reading: Reading, { path, key }: { path: SettingPath; key: string }, known: readonly string[]): void {
  const meant = nearestWord(key, known);
  const where = path.length === 0 ? '' : ` in ${writePath(path)}`;
  const cure = meant === undefined ? `: write ${either(known)}` : `, did you mean "${meant}"?`;
  reading.error([...path, key], `unknown key ${quoteValue(key)}${where}${cure}`, { code: 'unknown-key', part: 'key' });
}

/** The entries of a map with any keys, in their order. A map, because every object has a `constructor` already. */
export function readEntries(reading: Reading, leaf: Leaf): ReadonlyMap<string, Leaf> | undefined {
  const { path, value } = leaf;
  if (!isPlainObject(value)) return refuseType(reading, leaf, 'a map of keys and values');
  return new Map(Object.entries(value).map(([key, inner]) => [key, { path: [...path, key], value: inner }]));
}

/** The elements of a list; one value that is no list counts as a list of one. */
export function readList(leaf: Leaf): readonly Leaf[] {
  const { path, value } = leaf;
  return Array.isArray(value) ? value.map((element: unknown, index) => ({ path: [...path, index], value: element })) : [leaf];
}

export function readText(reading: Reading, leaf: Leaf): string | undefined {
  const { value } = leaf;
  if (typeof value === 'string') return value;
  const advice = typeof value === 'number' || typeof value === 'boolean' ? ': put quotes around it' : '';
  return refuseType(reading, leaf, 'a text', advice);
}

/** A text, or a number or truth value as it would be written. */
export function readScalar(reading: Reading, leaf: Leaf): string | undefined {
  const { value } = leaf;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : readText(reading, leaf);
}

export function readTexts(reading: Reading, leaf: Leaf): readonly string[] | undefined {
  const texts = readList(leaf).map((element) => readText(reading, element));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

export function readFlag(reading: Reading, leaf: Leaf): boolean | undefined {
  return typeof leaf.value === 'boolean' ? leaf.value : refuseType(reading, leaf, 'true or false');
}

export function readWhole(
  reading: Reading,
  leaf: Leaf,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const { value } = leaf;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  return refuseType(reading, leaf, `a whole number from ${least} to ${most}`);
}

/** One of some words, exactly as they are written. */
export function readWord<Word extends string>(reading: Reading, leaf: Leaf, words: readonly Word[]): Word | undefined {
  const text = readText(reading, leaf);
  const word = words.find((candidate) => candidate === text);
  if (text !== undefined && word === undefined) refuseName(reading, leaf, { text, known: words });
  return word;
}

/** Tells that a name means nothing, with the one that was meant or those there are. */
export function refuseName(
  reading: Reading,
  leaf: Leaf,
  { text, known }: { readonly text: string; readonly known: readonly string[] },
): void {
  const meant = nearestWord(text, known);
  const listed = known.length === 0 || known.length > 12 ? '' : `: write ${either(known)}`;
  const cure = meant === undefined ? listed : `, did you mean "${meant}"?`;
  reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is not known${cure}`);
}

export function refuseType(reading: Reading, { path, value }: Leaf, wanted: string, advice: string = ''): undefined {
  const name = path.length === 0 ? 'a test file' : writePath(path);
  const message =
    value === null || value === undefined
      ? `${name} has no value: write ${wanted}, or leave the key out`
      : `${name} must be ${wanted}, not ${quoteValue(value)}${advice}`;
  reading.error(path, message, { code: 'wrong-type' });
  return undefined;
}
