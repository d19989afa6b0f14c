import { z } from 'zod';
import { settingsSchema } from '../src/config/settings-schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** `schema/postern.schema.json`, with which editors complete and check a configuration: the schema that reads it, in other words. */
export function jsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(settingsSchema, {
    io: 'input',
    override: ({ jsonSchema: written, path }) => plain(written, path.at(-1)),
  });
  const routes = definedOnce(rest.properties?.['routes']);
  const policy = definedOnce(rest.properties?.['policy']);
  return {
    $schema: $schema ?? 'https://json-schema.org/draft/2020-12/schema',
    title: 'The configuration of Postern',
    ...rest,
    properties: { ...rest.properties, policy: policy.list, routes: routes.list },
    $defs: { route: routes.item },
  };
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

/** What is not of JSON Schema is left out. Names of properties are always texts, which needs no saying. */
function plain(written: JsonSchema, key: unknown): void {
  delete written['fileOnly'];
  delete written.propertyNames;
  const words = written.enum;
  if (words === undefined || !words.every((word) => typeof word === 'string')) return;
  // An editor offers the words of the list; what it only may not refuse is any case of them, also behind the name of the key.
  delete written.enum;
  delete written.type;
  written.anyOf = [{ enum: words }, { type: 'string', pattern: `^(?:${anyCase(`${String(key)}_`)})?(?:${words.map(anyCase).join('|')})$` }];
}

function anyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}

/** A list of routes that refers to the one definition of a route, and that definition. */
function definedOnce(list: unknown): { readonly list: JsonSchema; readonly item: JsonSchema } {
  const { anyOf = [], ...facts } = list as JsonSchema;
  const array = anyOf.find(({ type }) => type === 'array');
  const others = anyOf.filter((option) => option !== array);
  return {
    list: { ...facts, anyOf: [{ type: 'array', items: { $ref: '#/$defs/route' } }, ...others] },
    item: array?.items as JsonSchema,
  };
}
