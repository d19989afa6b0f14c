import type { AnySchema, Form } from '../src/config/schema.ts';
import { settingsSchema } from '../src/config/settings-schema.ts';

/** As much of JSON Schema as is needed to say what a configuration looks like. */
export interface JsonSchema {
  $ref?: string;
  default?: unknown;
  anyOf?: readonly JsonSchema[];
  type?: string | readonly string[];
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: boolean | JsonSchema;
  description?: string;
  enum?: readonly string[];
  pattern?: string;
  examples?: readonly string[];
  writeOnly?: boolean;
  deprecated?: boolean;
}

export interface ConfigurationSchema extends JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly $defs: { readonly route: JsonSchema };
}

/** `schema/postern.schema.json`, with which editors complete and check a configuration: the schema that reads it, in other words. */
export function jsonSchema(): ConfigurationSchema {
  const whole = written(settingsSchema, '');
  const routes = definedOnce(whole.properties?.['routes']);
  const policy = definedOnce(whole.properties?.['policy']);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The configuration of Postern',
    ...whole,
    properties: { ...whole.properties, policy: policy.list, routes: routes.list },
    $defs: { route: routes.item },
  };
}

function written({ form, facts, standard, isEmptyMap, takesNull }: AnySchema, key: string): JsonSchema {
  const plain = ofForm(form, key);
  const known = isEmptyMap === true ? {} : standard;
  const { fileOnly: _, enum: words, ...told } = facts ?? {};
  // An editor offers the words of the list; what it only may not refuse is any case of them, also behind the name of the key.
  const type = words === undefined ? (takesNull === true ? { anyOf: [plain, { type: 'null' }] } : plain) : {};
  const spellings = words === undefined ? {} : { anyOf: [{ enum: words }, { type: 'string', pattern: anySpelling(key, words) }] };
  return { ...(known === undefined ? {} : { default: known }), ...type, ...told, ...spellings };
}

function ofForm(form: Form, key: string): JsonSchema {
  switch (form.kind) {
    case 'anything':
      return {};
    case 'text':
      return { type: 'string' };
    case 'number':
      return { type: 'number' };
    case 'truth':
      return { type: 'boolean' };
    case 'list':
      return { type: 'array', items: written(form.of, key) };
    case 'map':
      return { type: 'object', additionalProperties: written(form.of, key) };
    case 'keys': {
      const properties = Object.entries(form.keys).map(([name, schema]) => [name, written(schema, name)] as const);
      return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
    }
    case 'either': {
      const options = form.options.map((option) => written(option, key));
      const types = options.flatMap((option) =>
        Object.keys(option).join() === 'type' && typeof option.type === 'string' ? option.type : [],
      );
      return types.length === options.length ? { type: types } : { anyOf: options };
    }
  }
}

/** As the file is written, in the form of the formatter: short lists on one line, and a newline at the end. */
export function jsonSchemaText(): string {
  const text = JSON.stringify(jsonSchema(), null, 2);
  return `${text.replace(listOfScalars, joinList)}\n`;
}

const listOfScalars = /^( *)(.*)\[\n((?: *(?:"(?:[^"\\]|\\.)*"|[\w.+-]+),?\n)+) *\](,?)$/gm;
const widest = 140;

function joinList(expanded: string, indent: string, key: string, items: string, comma: string): string {
  const joined = `${indent}${key}[${items.trim().replace(/,\n */g, ', ')}]${comma}`;
  return joined.length <= widest ? joined : expanded;
}

function anySpelling(key: string, words: readonly string[]): string {
  return `^(?:${anyCase(`${key}_`)})?(?:${words.map(anyCase).join('|')})$`;
}

function anyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}

/** A list of routes that refers to the one definition of a route, and that definition. */
function definedOnce(list: JsonSchema = {}): { readonly list: JsonSchema; readonly item: JsonSchema } {
  const { anyOf = [], ...facts } = list;
  const array = anyOf.find(({ type }) => type === 'array');
  const others = anyOf.filter((option) => option !== array);
  return {
    list: { ...facts, anyOf: [{ type: 'array', items: { $ref: '#/$defs/route' } }, ...others] },
    item: array?.items ?? {},
  };
}
