/** What YAML and JSON call a mapping; a list and null are none. */
export type PlainObject = Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names a value in an error, on one short line whatever it is. */
export function describeValue(value: unknown): string {
  // Nothing of a key in PEM that has strayed here.
  if (typeof value === 'string' && value.includes('-----BEGIN')) return 'a text with "-----BEGIN" in it';
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (Array.isArray(value)) return 'a list';
  if (isPlainObject(value)) return 'an object';
  return String(value);
}

export function listNames(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
