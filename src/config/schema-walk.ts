import type { SettingPath } from './problem.ts';
import type { AnySchema } from './schema.ts';

/** The keys of a map with fixed keys, in the order of the schema; undefined for every other schema. */
export function fixedKeys({ form }: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  return form.kind === 'keys' ? form.keys : undefined;
}

/** The same, also where a map is one of several kinds of value that a key takes. */
export function possibleKeys(schema: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  const { form } = schema;
  if (form.kind !== 'either') return fixedKeys(schema);
  return form.options.map(fixedKeys).find((keys) => keys !== undefined);
}

/** The schema that a path leads to; undefined where the path leaves what is known. */
export function schemaAt(schema: AnySchema, path: SettingPath): AnySchema | undefined {
  let current: AnySchema | undefined = schema;
  for (const step of path) {
    if (current === undefined) return undefined;
    current = child(current, step);
  }
  return current;
}

/** What kind of value a schema wants, as a message or a table says it: `a text or a list of texts`. */
export function typeWords({ form }: AnySchema): string {
  switch (form.kind) {
    case 'text':
      return 'a text';
    case 'truth':
      return 'true or false';
    case 'number':
      return 'a number';
    case 'list':
      return `a list of ${pluralWords(form.of)}`;
    case 'map':
      return `a map of ${pluralWords(form.of)}`;
    case 'keys':
      return 'a map';
    case 'either':
      return eitherWords(form.options.map(typeWords));
    case 'anything':
      return 'a policy';
  }
}

function child(schema: AnySchema, step: string | number): AnySchema | undefined {
  const { form } = schema;
  if (form.kind === 'list') return typeof step === 'number' ? form.of : undefined;
  if (form.kind === 'map') return form.of;
  if (form.kind === 'either') return form.options.map((option) => child(option, step)).find((option) => option !== undefined);
  const keys = fixedKeys(schema);
  return keys !== undefined && Object.hasOwn(keys, step) ? keys[step] : undefined;
}

function pluralWords(schema: AnySchema): string {
  const { form } = schema;
  return form.kind === 'either' ? eitherWords(form.options.map(pluralWords)) : plural(typeWords(schema));
}

function eitherWords(options: readonly string[]): string {
  return options.length < 3 ? options.join(' or ') : `${options.slice(0, -1).join(', ')} or ${options.at(-1) ?? ''}`;
}

function plural(words: string): string {
  return words === 'true or false' ? 'truth values' : words.replace(/^an? (\S+)/, '$1s');
}
