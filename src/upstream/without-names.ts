import type { HeaderList } from '../http/header-list.ts';

export function withoutNames(fields: string[], lowerNames: ReadonlySet<string>): string[];
export function withoutNames(fields: HeaderList, lowerNames: ReadonlySet<string>): HeaderList;
/** The fields but those of these names, which are in lower case: a new list, or the same one where it has none of them, as most have. */
export function withoutNames(fields: HeaderList, lowerNames: ReadonlySet<string>): HeaderList {
  let kept: string[] | undefined;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name = '', value = ''] = [fields[index], fields[index + 1]];
    if (lowerNames.has(name.toLowerCase())) kept ??= fields.slice(0, index);
    else kept?.push(name, value);
  }
  return kept ?? fields;
}
