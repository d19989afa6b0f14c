import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseYaml } from '../../config/parse-yaml.ts';
import type { Locate, Problem } from '../../config/problem.ts';
import { writePath } from '../../config/problem.ts';
import type { Reading } from '../../config/reading.ts';
import { openReading, readText } from '../../config/reading.ts';
import { readOrdinaryFile } from '../../config/read-ordinary-file.ts';
import type { SettingsDocument } from '../../config/settings.ts';
import { listAuthorities } from './authorities.ts';
import type { CaseBudget } from './expand-matrix.ts';
import { readCertificates } from './read-certificates.ts';
import type { Leaf } from './read-leaf.ts';
import { readKeys } from './read-leaf.ts';
import { readPeople } from './read-people.ts';
import type { Cast } from './read-request.ts';
import { readTests } from './read-tests.ts';
import type { TestSuite } from './test-case.ts';

export interface SuitesInput {
  readonly document: SettingsDocument;
  /** As named on the command line; undefined: the configuration is the environment. */
  readonly configFile: string | undefined;
  /** Test files of the command line; without any, those beside the configuration and the tests in it. */
  readonly files: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface LoadedSuites {
  readonly suites: readonly TestSuite[];
  readonly problems: readonly Problem[];
}

/** More would be a mistake: a matrix that nobody meant, or a text that wants to fill the memory. */
const mostCases = 100_000;

/** Reads all tests, or tells everything that is wrong with them. */
export function loadSuites({ document, configFile, files, now }: SuitesInput): LoadedSuites {
  const budget: CaseBudget = { most: mostCases, left: mostCases };
  const authorities = listAuthorities(document.settings, now);
  const inside = openSource(document.locate, configFile ?? '.');
  const { people, tests } = document.tests;
  const cast: Cast = {
    people: readPeople(inside.reading, leafOf('people', people)),
    certificates: new Map(),
    authorities,
    settings: document.settings,
    inPlace: new Map(),
    now,
  };
  const written = files.length === 0 ? leafOf('tests', tests) : undefined;
  const own = written === undefined ? [] : [{ file: configFile ?? 'tests', cases: readTests(written, { budget, ...inside, cast }) }];

  const problems: Problem[] = [];
  const suites = (files.length === 0 ? besides(configFile) : files).flatMap((file): readonly TestSuite[] => {
    const source = readSource(file);
    problems.push(...source.problems);
    if (source.value === undefined) return [];
    const opened = openSource(source.locate, file);
    const cases = readFileTests(source.value, file, { budget, ...opened, cast });
    problems.push(...opened.problems);
    return [{ file, cases }];
  });
  const all = [...own, ...suites];
  const found = [...inside.problems, ...problems];
  return { suites: all, problems: all.length === 0 && found.length === 0 ? [noTests(configFile)] : found };
}

function leafOf(key: string, value: unknown): Leaf | undefined {
  return value === undefined ? undefined : { path: [key], value };
}

interface OpenSource {
  readonly reading: Reading;
  readonly locate: Locate;
  readonly problems: readonly Problem[];
}

/** File names are relative to the file that names them. A case of a matrix says nothing that another has said already. */
function openSource(locate: Locate, file: string): OpenSource {
  const folder = dirname(resolve(file));
  const { reading, problems } = openReading({ locate, readFile: readOrdinaryFile, folderOf: () => folder, refused: [] });
  const told = new Set<string>();
  const error: Reading['error'] = (path, message, options) => {
    const key = `${writePath(path)} ${message}`;
    if (told.has(key)) return;
    told.add(key);
    reading.error(path, message, options);
  };
  return { reading: { ...reading, error }, locate, problems };
}

interface Source {
  /** Undefined when there is nothing to read. */
  readonly value: unknown;
  readonly locate: Locate;
  readonly problems: readonly Problem[];
}

function readSource(file: string): Source {
  const read = readText(readOrdinaryFile, resolve(file));
  if (read.ok) return parseYaml(read.text, file);
  const message = `Cannot read ${file}: ${read.reason}`;
  return {
    value: undefined,
    locate: () => undefined,
    problems: [{ severity: 'error', code: 'unreadable-file', message, place: undefined }],
  };
}

function readFileTests(value: unknown, file: string, context: Parameters<typeof readTests>[1]): TestSuite['cases'] {
  const { reading, cast } = context;
  const entries = readKeys(reading, { path: [], value: value ?? {} }, ['people', 'certificates', 'tests']);
  if (entries === undefined) return [];
  const tests = entries.get('tests');
  if (tests === undefined) reading.error([], `${file} has no tests, so that it proves nothing: write tests`, { code: 'missing-key' });
  const certificates = readCertificates(reading, entries.get('certificates'), cast.authorities);
  const people = new Map([...cast.people, ...readPeople(reading, entries.get('people'))]);
  // What is described in place may name files, and those are relative to this one.
  return tests === undefined ? [] : readTests(tests, { ...context, cast: { ...cast, people, certificates, inPlace: new Map() } });
}

const testFile = /.\.test\.ya?ml$/;

function besides(configFile: string | undefined): readonly string[] {
  if (configFile === undefined) return [];
  const folder = dirname(configFile);
  return readdirSync(folder)
    .filter((name) => testFile.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function noTests(configFile: string | undefined): Problem {
  const message =
    configFile === undefined
      ? 'There are no tests: name a test file'
      : `There are no tests: write tests in ${configFile}, or a file NAME.test.yaml beside it`;
  return { severity: 'error', code: 'missing-key', message, place: undefined };
}
