import type { ProblemCode } from './problem-codes.ts';

/** Where in the configuration something stands. Line and column count from 1; a value from the environment has no line. */
export type Place = FilePlace | { readonly kind: 'environment'; readonly variable: string };

export interface FilePlace {
  readonly kind: 'file';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
  readonly length: number;
}

/** One thing an operator has to mend (`error`) or should know (`warning`). All problems of a configuration are told at once. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Of the table in `problem-codes.ts`; docs/errors.md has an entry for each. */
  readonly code: ProblemCode;
  /** What is wrong, quoting the value, and what to write instead; no full stop. */
  readonly message: string;
  readonly place: Place | undefined;
}

/** Keys and indexes from the top of the configuration: `['routes', 2, 'from']`. */
export type SettingPath = readonly (string | number)[];

/** Finds the place of a setting, or of its key; of the nearest enclosing one when the setting itself was not written. */
export type Locate = (path: SettingPath, part?: 'key' | 'value') => Place | undefined;

const plainKey = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** A path as messages write it: `routes[2].set_request_headers["X-Team"]`; the empty path is `the configuration`. */
export function writePath(path: SettingPath): string {
  if (path.length === 0) return 'the configuration';
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!plainKey.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
