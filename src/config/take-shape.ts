import { isMap } from './is-map.ts';
import type { SettingPath } from './problem.ts';
import type { AnySchema, Form, Schema } from './schema.ts';

/** What does not fit; `path` leads from the value that was looked at. */
export type ShapeIssue =
  | { readonly kind: 'type'; readonly path: SettingPath }
  /** A map has keys that nobody knows; `path` leads to the map. */
  | { readonly kind: 'keys'; readonly path: SettingPath; readonly keys: readonly string[] }
  /** One list for each of the forms that it might have had. */
  | { readonly kind: 'either'; readonly path: SettingPath; readonly options: readonly (readonly ShapeIssue[])[] };

export type TakenShape<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly ShapeIssue[] };

/**
 * Compares plain data with a schema, keys and types, and fills in what is left out. Everything that does not fit is told, in the order of
 * the schema. What fits as it is becomes part of the value: nobody may change it.
 */
export function takeShape<Output>(schema: Schema<Output>, data: unknown): TakenShape<Output> {
  const issues: ShapeIssue[] = [];
  const value = take(schema, data, issues);
  // Each form was compared, so this is what the schema says.
  return issues.length === 0 ? { ok: true, value: value as Output } : { ok: false, issues };
}

type KeysForm = Extract<Form, { readonly kind: 'keys' }>;

function take({ form, takesNull }: AnySchema, data: unknown, issues: ShapeIssue[]): unknown {
  if (data === null && takesNull === true) return data;
  switch (form.kind) {
    case 'anything':
      return data;
    case 'text':
      return typeof data === 'string' ? data : refuse(issues);
    case 'number':
      return Number.isFinite(data) ? data : refuse(issues);
    case 'truth':
      return typeof data === 'boolean' ? data : refuse(issues);
    case 'list':
      return Array.isArray(data) ? takeList(form.of, data, issues) : refuse(issues);
    case 'map':
      return isMap(data) ? takeMap(form.of, data, issues) : refuse(issues);
    case 'keys':
      return isMap(data) ? takeKeys(form, data, issues) : refuse(issues);
    case 'either':
      return takeEither(form.options, data, issues);
  }
}

function refuse(issues: ShapeIssue[]): undefined {
  issues.push({ kind: 'type', path: [] });
}

function takeList(of: AnySchema, list: readonly unknown[], issues: ShapeIssue[]): readonly unknown[] {
  const taken: unknown[] = [];
  for (const [index, item] of list.entries()) taken.push(takeStep({ schema: of, step: index, issues }, item));
  return taken;
}

function takeMap(of: AnySchema, map: Readonly<Record<string, unknown>>, issues: ShapeIssue[]): Readonly<Record<string, unknown>> {
  const taken: Record<string, unknown> = {};
  for (const key of Object.keys(map)) {
    // It would be no entry, but what all entries inherit: `findLostKeys` tells of it.
    if (key !== '__proto__') taken[key] = takeStep({ schema: of, step: key, issues }, map[key]);
  }
  return taken;
}

function takeKeys(form: KeysForm, map: Readonly<Record<string, unknown>>, issues: ShapeIssue[]): Readonly<Record<string, unknown>> {
  const { keys } = form;
  const before = issues.length;
  const taken = { ...standardsOf(form) };
  const unknown: string[] = [];
  for (const key of Object.keys(map)) {
    const schema = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (schema === undefined) unknown.push(key);
    else if (map[key] !== undefined) taken[key] = takeStep({ schema, step: key, issues }, map[key]);
  }
  if (issues.length > before + 1) sortBySchema(issues, before, Object.keys(keys));
  if (unknown.length > 0) issues.push({ kind: 'keys', path: [], keys: unknown });
  return taken;
}

function takeEither(options: readonly AnySchema[], data: unknown, issues: ShapeIssue[]): unknown {
  const refusals: (readonly ShapeIssue[])[] = [];
  for (const option of options) {
    const found: ShapeIssue[] = [];
    const value = take(option, data, found);
    if (found.length === 0) return value;
    refusals.push(found);
  }
  issues.push({ kind: 'either', path: [], options: refusals });
  return undefined;
}

interface Step {
  readonly schema: AnySchema;
  readonly step: string | number;
  readonly issues: ShapeIssue[];
}

/** One step further in. Paths are made for what does not fit alone: hardly anything. */
function takeStep({ schema, step, issues }: Step, data: unknown): unknown {
  const before = issues.length;
  const value = take(schema, data, issues);
  for (let index = before; index < issues.length; index += 1) {
    const issue = issues[index];
    if (issue !== undefined) issues[index] = { ...issue, path: [step, ...issue.path] };
  }
  return value;
}

/** What is told should not depend on the order in which it was written. */
function sortBySchema(issues: ShapeIssue[], from: number, order: readonly string[]): void {
  const placeOf = ({ path }: ShapeIssue): number => order.indexOf(String(path[0]));
  const sorted = issues.splice(from).toSorted((one, other) => placeOf(one) - placeOf(other));
  issues.push(...sorted);
}

const standards = new WeakMap<KeysForm, Readonly<Record<string, unknown>>>();

/** What the keys mean that are left out. */
function standardsOf(form: KeysForm): Record<string, unknown> {
  const known = standards.get(form);
  if (known !== undefined) return known;
  const found = Object.entries(form.keys).flatMap(([key, schema]): [string, unknown][] => {
    const value = schema.isEmptyMap === true ? take(schema, {}, []) : schema.standard;
    return value === undefined ? [] : [[key, value]];
  });
  const made = Object.fromEntries(found);
  standards.set(form, made);
  return made;
}
