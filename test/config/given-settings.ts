import assert from 'node:assert/strict';
import { relative } from 'node:path';
import type { Problem } from '../../src/config/problem.ts';
import type { SettingsResult } from '../../src/config/read-settings.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import type { SettingsDocument } from '../../src/config/settings.ts';
import { writeProblems } from '../../src/config/write-problems.ts';

export interface Given {
  readonly file?: string;
  /** Of `etc/config.yaml`; undefined: there is no file, only the environment. */
  readonly text?: string;
  /** Further files by name, relative to `etc`, or to the working directory where the name begins with `./`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly readFile?: (file: string) => Buffer;
}

/** Reads settings from texts in memory. */
export function outcomeOf(given: Given): SettingsResult {
  const { text, files = {}, environment } = given;
  const readFile = (file: string): Buffer => {
    const name = relative(process.cwd(), file);
    const found = name === 'etc/config.yaml' ? text : (files[name.replace('etc/', '')] ?? files[`./${name}`]);
    if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return Buffer.from(found);
  };
  const onlyEnvironment = text === undefined && given.file === undefined && given.readFile === undefined;
  return readSettings({
    file: onlyEnvironment ? undefined : (given.file ?? 'etc/config.yaml'),
    environment,
    readFile: given.readFile ?? readFile,
  });
}

/** The settings of a configuration that must be good. */
export function settingsOf(given: Given): SettingsDocument {
  const result = outcomeOf(given);
  assert.ok(result.ok, result.ok ? '' : writeProblems(result.problems, { colour: false }));
  return result.document;
}

/** The problems of a configuration, whether it is good or not. */
export function told(given: Given): readonly Problem[] {
  const result = outcomeOf(given);
  return result.ok ? result.document.warnings : result.problems;
}

/** A configuration of these lines that has a certificate and no routes: what the lines alone mean. */
export function linesOf(...lines: readonly string[]): Given {
  return { text: ['certificate: "-----BEGIN"', 'certificate_key: "-----BEGIN"', 'routes: []', ...lines].join('\n') };
}

/** What is told of a configuration of these lines, with its severity and code; that there are no routes is left out. */
export function toldOf(...lines: readonly string[]): readonly string[] {
  const problems = told(linesOf(...lines)).filter(({ code }) => code !== 'no-routes');
  return problems.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}
