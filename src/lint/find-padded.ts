import type { SettingPath } from '../config/problem.ts';

export interface PaddedText {
  readonly at: SettingPath;
  readonly text: string;
}

/** Every text with white space around it within plain data. Aliases may lead to one node many times; it is looked at once. */
export function findPadded(data: unknown, at: SettingPath, seen: Set<object> = new Set()): readonly PaddedText[] {
  if (typeof data === 'string') return data === data.trim() ? [] : [{ at, text: data }];
  if (typeof data !== 'object' || data === null || seen.has(data)) return [];
  seen.add(data);
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(data) ? [...data.entries()] : Object.entries(data);
  return entries.flatMap(([key, value]) => findPadded(value, [...at, key], seen));
}
