import type { Locate } from '../../config/problem.ts';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import type { Reading } from '../../config/reading.ts';
import type { CaseBudget, Filled, Row } from './expand-matrix.ts';
import { expandMatrix, fillIn } from './expand-matrix.ts';
import { expectationKeys, readExpectation } from './read-expectation.ts';
import type { Leaf } from './read-leaf.ts';
import { readKeys, readScalar, refuseType } from './read-leaf.ts';
import type { Cast } from './read-request.ts';
import { readRequest, requestKeys } from './read-request.ts';
import type { TestCase } from './test-case.ts';

export interface SuiteContext {
  readonly reading: Reading;
  readonly locate: Locate;
  readonly cast: Cast;
  readonly budget: CaseBudget;
}

/** The cases of a list of tests; tells every problem and leaves out what has some. */
export function readTests(leaf: Leaf, context: SuiteContext): readonly TestCase[] {
  const { path, value } = leaf;
  if (!Array.isArray(value)) {
    refuseType(context.reading, leaf, 'a list of tests');
    return [];
  }
  if (value.length === 0)
    context.reading.error(path, `${writePath(path)} is empty: write at least one test`, { code: 'missing-key', part: 'key' });
  return value.flatMap((test: unknown, index) => readTest({ path: [...path, index], value: test }, context));
}

type Entries = ReadonlyMap<string, Leaf>;

interface Written {
  readonly path: Leaf['path'];
  readonly name: Leaf | undefined;
  readonly request: Entries;
  readonly expect: Entries;
}

function readTest(leaf: Leaf, context: SuiteContext): readonly TestCase[] {
  const { reading, budget } = context;
  const entries = readKeys(reading, leaf, ['name', 'request', 'expect', 'for']);
  if (entries === undefined) return [];
  const request = readRequestPart(reading, leaf, entries);
  const expect = readExpectationPart(reading, leaf, entries);
  const rows = expandMatrix(reading, entries.get('for'), budget);
  if (request === undefined || expect === undefined || rows === undefined) return [];
  const used = new Set<string>();
  const written = { path: leaf.path, name: entries.get('name'), request: withColumns(request, rows[0]), expect };
  const cases = rows.map((row) => readCase(written, row, { context, used }));
  const idle = rows.flatMap((row) => [...row.keys()]).find((name) => !used.has(name));
  if (idle !== undefined && cases.every((made) => made !== undefined)) {
    const path = [...leaf.path, 'for'];
    const cure = `write \${${idle}} in the name, the request or what is expected`;
    reading.error(path, `${writePath(path)} holds ${quoteValue(idle)}, which the test does not use: ${cure}`);
  }
  return cases.filter((made) => made !== undefined);
}

/** Of the request a matrix may say all there is; an expectation has to be written. */
function readRequestPart(reading: Reading, { path }: Leaf, entries: Entries): Entries | undefined {
  const part = entries.get('request');
  if (part !== undefined) return readKeys(reading, part, requestKeys);
  if (entries.has('for')) return new Map();
  reading.error(path, `${writePath(path)} has no request: write one`, { code: 'missing-key' });
  return undefined;
}

function readExpectationPart(reading: Reading, { path }: Leaf, entries: Entries): Entries | undefined {
  const part = entries.get('expect') ?? { path: [...path, 'expect'], value: {} };
  if (typeof part.value === 'object' && part.value !== null && Object.keys(part.value).length === 0) {
    reading.error(part.path, `${writePath(path)} expects nothing: write expect with decision, status, route or another key`, {
      code: 'missing-key',
    });
    return undefined;
  }
  return readKeys(reading, part, expectationKeys);
}

/** A column with the name of a key of the request is that key, where the request does not write it; `person` is `as`. */
function withColumns(request: Entries, row: Row | undefined): Entries {
  const all = new Map(request);
  for (const [name, leaf] of row ?? []) {
    const key = name === 'person' ? 'as' : name;
    if (requestKeys.includes(key) && !all.has(key)) all.set(key, { path: leaf.path, value: `\${${name}}` });
  }
  return all;
}

function readCase(
  { path, name, request, expect }: Written,
  row: Row,
  { context, used }: { readonly context: SuiteContext; readonly used: Set<string> },
): TestCase | undefined {
  const { reading, cast, locate } = context;
  const asked = fillAll(reading, request, row);
  const expected = fillAll(reading, expect, row);
  const title = name === undefined ? undefined : fillIn(reading, name, row);
  if (asked === undefined || expected === undefined) return undefined;
  for (const one of [...asked.used, ...expected.used, ...(title?.used ?? [])]) used.add(one);
  if (!asked.entries.has('url')) {
    const place = [...path, 'request'];
    reading.error(place, `${writePath(place)} has no url: write https://host/path`, { code: 'missing-key', part: 'key' });
  }
  const question = readRequest(reading, asked.entries, cast);
  const checks = readExpectation(reading, expected.entries, cast.settings);
  const text = title === undefined ? describeRequest(asked.entries) : readScalar(reading, title);
  if (question === undefined || checks === undefined || text === undefined || (name !== undefined && title === undefined)) return undefined;
  // The cases of a matrix can be told from each other by what their requests were made of.
  const shown = title?.used ?? ['url', 'method', 'person'];
  const rest = asked.used.filter((key) => !shown.includes(key)).map((key) => `${key} ${String(row.get(key)?.value)}`);
  const suffix = rest.length === 0 ? '' : ` (${rest.join(', ')})`;
  return { name: `${text.trim()}${suffix}`, place: locate(path), ...question, checks };
}

function fillAll(
  reading: Reading,
  entries: Entries,
  row: Row,
): { readonly entries: Entries; readonly used: readonly string[] } | undefined {
  const filled = [...entries].map(([key, leaf]) => [key, fillIn(reading, leaf, row)] as const);
  if (!filled.every((entry): entry is [string, Filled] => entry[1] !== undefined)) return undefined;
  return { entries: new Map(filled), used: [...new Set(filled.flatMap(([, leaf]) => leaf.used))] };
}

function describeRequest(asked: Entries): string {
  const { method = 'GET', url, as } = Object.fromEntries([...asked].map(([key, { value }]) => [key, value]));
  const words = [method, url, ...(as === undefined ? [] : ['as', as])];
  return words.map((word) => (typeof word === 'string' ? word : '')).join(' ');
}
