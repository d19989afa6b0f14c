import type { FieldName } from './header-step.ts';

const separators = /[^a-z0-9]/g;

/** Both forms of a name as it was spelt. */
export function fieldName(raw: string): FieldName {
  const lower = raw.toLowerCase();
  return { lower, plain: lower.replace(separators, '-') };
}
