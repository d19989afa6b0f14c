import { z } from 'zod';
import { unwrapped } from './key-schema.ts';
import type { SettingPath } from './problem.ts';

/** The keys of a map with fixed keys, in the order of the schema; undefined for every other schema. */
export function fixedKeys(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject ? inner.shape : undefined;
}

/** The same, also where a map is one of several kinds of value that a key takes. */
export function possibleKeys(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodUnion)) return fixedKeys(inner);
  const maps = inner.options.map((option) => fixedKeys(option as z.ZodType));
  return maps.find((keys) => keys !== undefined);
}

/** The schema that a path leads to; undefined where the path leaves what is known. */
export function schemaAt(schema: z.ZodType, path: SettingPath): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const step of path) {
    if (current === undefined) return undefined;
    current = child(unwrapped(current), step);
  }
  return current;
}

/** What kind of value a schema wants, as a message or a table says it: `a text or a list of texts`. */
export function typeWords(schema: z.ZodType): string {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodString) return 'a text';
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodNumber) return 'a number';
  if (inner instanceof z.ZodArray) return `a list of ${pluralWords(inner.element as z.ZodType)}`;
  if (inner instanceof z.ZodRecord) return `a map of ${pluralWords(inner.valueType as z.ZodType)}`;
  if (inner instanceof z.ZodObject) return 'a map';
  if (inner instanceof z.ZodUnion) {
    return eitherOf(inner.options.map((option) => typeWords(option as z.ZodType)));
  }
  return 'a policy';
}

function child(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? (schema.element as z.ZodType) : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  if (schema instanceof z.ZodUnion) {
    const fits = schema.options.map((option) => child(option as z.ZodType, step));
    return fits.find((option) => option !== undefined);
  }
  const keys = fixedKeys(schema);
  return keys !== undefined && Object.hasOwn(keys, step) ? keys[step] : undefined;
}

function pluralWords(schema: z.ZodType): string {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodUnion) return eitherOf(inner.options.map((option) => pluralWords(option as z.ZodType)));
  return plural(typeWords(inner));
}

function eitherOf(options: readonly string[]): string {
  return options.length < 3 ? options.join(' or ') : `${options.slice(0, -1).join(', ')} or ${options.at(-1) ?? ''}`;
}

function plural(words: string): string {
  return words === 'true or false' ? 'truth values' : words.replace(/^an? (\S+)/, '$1s');
}
