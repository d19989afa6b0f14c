import type { HeaderList } from '../http/header-list.ts';

/** A new list without the fields of these names; `lowerNames` holds them in lower case. */
export function withoutNames(fields: HeaderList, lowerNames: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = [fields[index], fields[index + 1]];
    if (name !== undefined && value !== undefined && !lowerNames.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
