import type { HeaderList } from '../http/header-list.ts';

const none: readonly string[] = [];

/**
 * Every value of a field, in order; `lowerName` is in lower case. Four of these run for every request and mostly find nothing:
 * names of another length are passed by without a look at their letters.
 */
export function fieldValues(headers: HeaderList, lowerName: string): readonly string[] {
  let values: string[] | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    if (name === undefined || name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    const value = headers[index + 1];
    if (value === undefined) continue;
    values ??= [];
    values.push(value);
  }
  return values ?? none;
}
