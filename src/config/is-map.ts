/** Of plain data, as it comes out of YAML or JSON: neither a list nor nothing. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
