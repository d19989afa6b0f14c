import { isMap } from './is-map.ts';
import { findLostKeys } from './find-lost-keys.ts';
import { refusalCode, refuseKey } from './known-keys.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { ErrorCode } from './problem-codes.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import { possibleKeys, schemaAt, typeWords } from './schema-walk.ts';
import { isSecretKey } from './secret-keys.ts';
import { settingsSchema } from './settings-schema.ts';
import type { ShapeIssue } from './take-shape.ts';
import { takeShape } from './take-shape.ts';
import { writeHeaderPath } from './upstream-header.ts';

/** Something of the wrong shape; `part` tells whether the key or the value is to be pointed at. */
export interface ShapeFinding {
  readonly path: SettingPath;
  readonly part: 'key' | 'value';
  readonly code: ErrorCode;
  readonly message: string;
}

export interface CheckedShape {
  /** What is left when everything of the wrong shape is taken away, so that the rest can be checked in the same run. */
  readonly raw: RawSettings;
  readonly findings: readonly ShapeFinding[];
  /** What was taken away. */
  readonly refused: readonly SettingPath[];
}

/** Compares plain data with the schema: keys and types, not meaning. */
export function checkShape(value: unknown): CheckedShape {
  const data = value ?? {};
  if (!isMap(data)) {
    const message = `The configuration must be a map of keys and values, not ${kindOf(data)}`;
    return { raw: empty(), findings: [{ path: [], part: 'value', code: 'wrong-type', message }], refused: [[]] };
  }
  const taken = takeShape(settingsSchema, data);
  const lost = findLostKeys(data).map((path) => refuseAt(path));
  if (taken.ok && lost.length === 0) return { raw: taken.value, findings: [], refused: [] };
  const findings = [...(taken.ok ? [] : taken.issues.flatMap((issue) => findingsOf(issue, [], data))), ...lost];
  const rest: Record<string, unknown> = Object.fromEntries(Object.entries(data).map(([key, one]) => [key, copyOf(one)]));
  const refused = findings.map(({ path }) => prune(rest, path));
  const again = takeShape(settingsSchema, rest);
  return { raw: again.ok ? again.value : empty(), findings, refused };
}

/** A configuration in which nothing is written. */
function empty(): RawSettings {
  const taken = takeShape(settingsSchema, {});
  if (!taken.ok) throw new TypeError('A key of the configuration is neither optional nor has a default');
  return taken.value;
}

function findingsOf(issue: ShapeIssue, above: SettingPath, root: unknown): readonly ShapeFinding[] {
  const path: SettingPath = [...above, ...issue.path];
  if (issue.kind === 'keys') {
    return issue.keys.map((key) => refuseAt([...path, key]));
  }
  if (issue.kind === 'either') {
    // The option that went wrong further in is the one that was meant: a list with a number in it was to be a list of texts.
    const meant = issue.options.find((issues) => issues.every(isFurtherIn));
    if (meant !== undefined) return meant.flatMap((inner) => findingsOf(inner, path, root));
  }
  return [{ path, part: 'value', code: 'wrong-type', message: describeType(path, valueAt(root, path)) }];
}

/** An unknown key is reported at the map that holds it. */
function isFurtherIn({ path, kind }: ShapeIssue): boolean {
  return path.length > 0 || kind === 'keys';
}

function refuseAt(path: SettingPath): ShapeFinding {
  return { path, part: 'key', code: refusalCode(path), message: refuseKey(path) };
}

function describeType(path: SettingPath, value: unknown): string {
  if (value === null) return describeEmpty(path);
  const schema = schemaAt(settingsSchema, path);
  const [example] = schema === undefined ? [] : (schema.facts?.examples ?? []);
  const words = `${schema === undefined ? 'something else' : typeWords(schema)}${example === undefined ? '' : ` like ${example}`}`;
  const wantsQuotes = words.startsWith('a text') && example === undefined && (typeof value === 'number' || typeof value === 'boolean');
  const advice = wantsQuotes ? ': put quotes around it' : '';
  const isSecret = path.some((step) => typeof step === 'string' && isSecretKey(step));
  const found = isSecret || typeof value === 'object' ? kindOf(value) : quoteValue(value);
  return `${path.includes('idp_request_params') ? writeEntry(path) : writeHeaderPath(path)} must be ${words}, not ${found}${advice}`;
}

/** An entry of a map without a value may be a value without a name, so of headers and parameters the name is not told either. */
function describeEmpty(path: SettingPath): string {
  return `${writeEntry(path)} has no value: write one, or leave the key out`;
}

const namedMaps = ['set_request_headers', 'set_response_headers', 'idp_request_params'];

function writeEntry(path: SettingPath): string {
  const mapAt = path.findIndex((step) => namedMaps.includes(String(step)));
  return mapAt === -1 || mapAt === path.length - 1 ? writePath(path) : `An entry of ${writePath(path.slice(0, mapAt + 1))}`;
}

/**
 * Removes what is at a path and tells what was removed: an entry of a map, a map in a list (an empty one stays, so that its
 * neighbours keep their index), else the whole list.
 */
function prune(root: Record<string, unknown>, path: SettingPath): SettingPath {
  const parent = valueAt(root, path.slice(0, -1));
  const step = path.at(-1);
  if (step === undefined) return path;
  if (isMap(parent)) delete parent[step];
  else if (Array.isArray(parent) && typeof step === 'number') {
    const item = schemaAt(settingsSchema, path);
    if (item !== undefined && possibleKeys(item) !== undefined) parent[step] = {};
    else return prune(root, path.slice(0, -1));
  }
  return path;
}

/** Lists and maps that are written alike may be one value: what is taken away in one place has to stay in the others. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)])) : value;
}

function valueAt(root: unknown, path: SettingPath): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = typeof step === 'number' ? (value as readonly unknown[])[step] : undefined;
    else value = isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'number' ? 'a number' : 'a truth value';
}
