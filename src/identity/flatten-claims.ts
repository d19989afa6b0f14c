import type { ClaimValue } from './person.ts';

const deepest = 8;

/**
 * Claims as a policy compares them: nested objects become dotted names, every value a list. Objects inside a list add to
 * the lists of their members. What is nested more than eight deep is left out.
 */
export function flattenClaims(claims: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly ClaimValue[]> {
  const flat = new Map<string, ClaimValue[]>();
  for (const [name, value] of Object.entries(claims)) add(flat, name, value, 1);
  return flat;
}

function add(flat: Map<string, ClaimValue[]>, name: string, value: unknown, depth: number): void {
  if (depth > deepest) return;
  if (Array.isArray(value)) {
    // An empty list is a claim that was made: it must not look like one that was not.
    if (!flat.has(name)) flat.set(name, []);
    for (const element of value) add(flat, name, element, depth + 1);
  } else if (isObject(value)) {
    for (const [member, inner] of Object.entries(value)) add(flat, `${name}.${member}`, inner, depth + 1);
  } else if (isClaimValue(value)) {
    const values = flat.get(name);
    if (values === undefined) flat.set(name, [value]);
    else values.push(value);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isClaimValue(value: unknown): value is ClaimValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
