/**
 * Header fields in the order of the wire: name, value, name, value … This is the shape `node:http` and `undici` use
 * themselves, so the path of a request copies no header into an object of its own.
 */
export type HeaderList = readonly string[];

const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// oxlint-disable-next-line no-control-regex -- a field value may hold TAB and no other control character
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The first value of a field, compared without case; undefined when the field is absent. `lowerName` is in lower case. */
export function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index];
    if (name !== undefined && name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[index + 1];
  }
  return undefined;
}

/**
 * Every value of a field, in order; `lowerName` is in lower case. Several of these run for every request and mostly find nothing: names
 * of another length are passed by without a look at their letters.
 */
export function headerValues(headers: HeaderList, lowerName: string): readonly string[] {
  let values: string[] | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    if (name === undefined || name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    const value = headers[index + 1];
    if (value === undefined) continue;
    if (values === undefined) values = [value];
    else values.push(value);
  }
  return values ?? none;
}

const none: readonly string[] = [];

/** How servers behind a gateway interface see a name: lower case, `_` and `-` alike. Spoofing is judged by this form. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** A token of RFC 9110 section 5.1. */
export function isFieldName(name: string): boolean {
  return fieldName.test(name);
}

/** A field value of RFC 9110 section 5.5: no CR, LF, NUL or other control character but TAB. */
export function isFieldValue(value: string): boolean {
  return fieldValue.test(value);
}
