import type { SettingPath } from './problem.ts';
import { schemaAt } from './schema-walk.ts';
import { settingsSchema } from './settings-schema.ts';

/**
 * The paths of keys that the schema would drop without a word: `__proto__`, in maps whose keys are the operator's own. A rule or a header
 * that is written and does nothing is worse than one that is refused.
 */
export function findLostKeys(value: unknown): readonly SettingPath[] {
  // Mostly there is none, and a path for each of a hundred thousand values would take longer than to look.
  return holdsPrototype(value) ? pathsIn(value, []) : [];
}

function holdsPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsPrototype);
  for (const [key, inner] of Object.entries(value)) if (key === '__proto__' || holdsPrototype(inner)) return true;
  return false;
}

function pathsIn(value: unknown, path: SettingPath): readonly SettingPath[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => pathsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const at = [...path, key];
    return key === '__proto__' && schemaAt(settingsSchema, at) !== undefined ? [at] : pathsIn(inner, at);
  });
}
