import type { SettingPath } from '../config/problem.ts';

export interface PolicyProblem {
  /** From the top of the configuration. */
  readonly path: SettingPath;
  readonly message: string;
  /** Set where the key itself is wrong, and not what stands behind it. */
  readonly part?: 'key';
}

/** What reading a piece of a policy came to: the piece, or everything that is wrong with it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refused(path: SettingPath, message: string): Parsed<never> {
  return { ok: false, problems: [{ path, message }] };
}

/** The key at the end of the path is wrong. */
export function refusedKey(path: SettingPath, message: string): Parsed<never> {
  return { ok: false, problems: [{ path, message, part: 'key' }] };
}

/** All the pieces, or the problems of every piece that has some: an operator mends a policy in one go. */
export function collectParsed<T>(pieces: readonly Parsed<T>[]): Parsed<readonly T[]> {
  const values: T[] = [];
  const problems: PolicyProblem[] = [];
  for (const piece of pieces) {
    if (piece.ok) values.push(piece.value);
    else problems.push(...piece.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : parsed(values);
}

export function mapParsed<From, To>(piece: Parsed<From>, change: (value: From) => To): Parsed<To> {
  return piece.ok ? parsed(change(piece.value)) : piece;
}

/** Both pieces, or the problems of both. */
export function bothParsed<One, Other>(one: Parsed<One>, other: Parsed<Other>): Parsed<readonly [One, Other]> {
  if (one.ok && other.ok) return parsed([one.value, other.value]);
  return { ok: false, problems: [...(one.ok ? [] : one.problems), ...(other.ok ? [] : other.problems)] };
}

/** A further look at a piece that could be read, which may still refuse it. */
export function chainParsed<From, To>(piece: Parsed<From>, next: (value: From) => Parsed<To>): Parsed<To> {
  return piece.ok ? next(piece.value) : piece;
}
