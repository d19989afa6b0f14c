import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { configurationPage } from '../../scripts/configuration-page.ts';
import type { JsonSchema } from '../../scripts/json-schema.ts';
import { jsonSchema, jsonSchemaText } from '../../scripts/json-schema.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { fixedKeys, schemaAt } from '../../src/config/schema-walk.ts';
import { settingsSchema } from '../../src/config/settings-schema.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import { writeProblems } from '../../src/config/write-problems.ts';

describe('the schema of the configuration', () => {
  it('is what docs/configuration.md was written from: run "node scripts/write-docs.ts" after a change', () => {
    assert.equal(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8'), configurationPage());
  });

  it('describes every key', () => {
    const keys = [[], ['downstream_mtls'], ['certificates', 0], ['routes', 0]].flatMap((path) => {
      const schema = schemaAt(settingsSchema, path);
      return Object.entries((schema === undefined ? undefined : fixedKeys(schema)) ?? {}).map(([key, keySchema]) => [
        key,
        keySchema.facts?.description ?? '',
      ]);
    });
    assert.deepEqual([keys.length > 50, keys.filter(([, description = '']) => !description.endsWith('.'))], [true, []]);
  });

  it('can be written as JSON Schema', () => {
    const { properties = {} } = jsonSchema();
    assert.deepEqual(properties['log_level'], {
      default: 'info',
      description: 'The least important lines that are logged.',
      anyOf: [
        { enum: ['trace', 'debug', 'info', 'warn', 'error'] },
        {
          type: 'string',
          pattern:
            '^(?:[Ll][Oo][Gg]_[Ll][Ee][Vv][Ee][Ll]_)?(?:[Tt][Rr][Aa][Cc][Ee]|[Dd][Ee][Bb][Uu][Gg]|[Ii][Nn][Ff][Oo]|[Ww][Aa][Rr][Nn]|[Ee][Rr][Rr][Oo][Rr])$',
        },
      ],
    });
    assert.deepEqual(properties['max_requests']?.type, 'number');
  });

  it('leads nowhere where the configuration ends', () => {
    const paths = [['nothing'], ['routes', 'x'], ['log_level', 0], ['constructor'], ['routes', 0, 'toString']];
    assert.deepEqual(
      paths.map((path) => schemaAt(settingsSchema, path)),
      paths.map(() => undefined),
    );
  });
});

describe('schema/postern.schema.json', () => {
  const schema = jsonSchema();

  it('was written from the schema that reads the configuration: run "node scripts/write-docs.ts" after a change', () => {
    assert.equal(readFileSync(new URL('../../schema/postern.schema.json', import.meta.url), 'utf8'), jsonSchemaText());
  });

  it('takes config.example.yaml', () => {
    const { value } = parseYaml(readFileSync(new URL('../../config.example.yaml', import.meta.url), 'utf8'), 'config.example.yaml');
    assert.deepEqual(faultsOf(value, schema), []);
  });

  it('takes the words of a key in the spellings that are read, and no others', () => {
    const value = {
      cookie_same_site: 'LAX',
      log_level: 'LOG_LEVEL_warn',
      jwt_issuer_format: 'URI',
      routes: [{ jwt_issuer_format: 'Uri' }],
    };
    assert.deepEqual(faultsOf(value, schema), []);
    assert.deepEqual(faultsOf({ cookie_same_site: 'lex', log_level: 'info_' }, schema), ['cookie_same_site', 'log_level']);
  });

  it('refuses misspelt keys and values of another type, at every level', () => {
    const value = {
      addres: ':443',
      log_level: 3,
      downstream_mtls: { ca_flie: 'x' },
      certificates: [{ cret: 'x' }],
      routes: [{ from: 'https://a.x', prefx: '/', redirect: { strip_qurey: true } }],
      policy: [{ form: 'https://a.x' }],
      runtime_flags: { mcp: 'yes' },
      address: ['x', 3],
      people: { anything: [1] },
    };
    assert.deepEqual(faultsOf(value, schema), [
      'addres',
      'log_level',
      'downstream_mtls.ca_flie',
      'certificates.0.cret',
      'routes',
      'policy',
      'runtime_flags.mcp',
      'address',
    ]);
    assert.deepEqual(faultsOf(value.routes[0], schema.$defs.route), ['prefx', 'redirect.strip_qurey']);
  });

  it('tells editors which values are secrets, which keys are older spellings, and the defaults', () => {
    const facts = ['cookie_secret', 'client_crl_file', 'policy', 'timeout_idle'].map((key) => {
      const { writeOnly, deprecated, default: standard } = schema.properties?.[key] ?? {};
      return { writeOnly, deprecated, standard };
    });
    assert.deepEqual(facts, [
      { writeOnly: true, deprecated: undefined, standard: undefined },
      { writeOnly: undefined, deprecated: true, standard: undefined },
      { writeOnly: undefined, deprecated: true, standard: undefined },
      { writeOnly: undefined, deprecated: undefined, standard: '5m' },
    ]);
  });
});

/** The paths at which plain data breaks a JSON Schema, as far as ours says anything: types, keys, items, alternatives, words. */
function faultsOf(value: unknown, schema: JsonSchema, path = ''): readonly string[] {
  const target = schema.$ref === '#/$defs/route' ? jsonSchema().$defs.route : schema;
  const { anyOf, type, pattern, enum: words, properties = {}, additionalProperties: others, items } = target;
  if (anyOf !== undefined) return anyOf.some((option) => faultsOf(value, option, path).length === 0) ? [] : [path];
  if (words !== undefined && !words.includes(value as string)) return [path];
  if (type !== undefined && typeOf(value) !== type) return [path];
  if (pattern !== undefined && !new RegExp(pattern).test(String(value))) return [path];
  const at = (step: string | number): string => (path === '' ? String(step) : `${path}.${step}`);
  // A schema without a type takes anything.
  if (type === 'array') return (value as unknown[]).flatMap((item, index) => faultsOf(item, items as typeof schema, at(index)));
  if (type !== 'object') return [];
  return Object.entries(value as object).flatMap(([key, inner]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : others;
    if (known === undefined || known === true) return [];
    return known === false ? [at(key)] : faultsOf(inner, known, at(key));
  });
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

describe('config.example.yaml', () => {
  it('passes without a word', () => {
    const result = readSettings({ file: new URL('../../config.example.yaml', import.meta.url).pathname, environment: undefined });
    assert.equal(writeProblems(result.ok ? result.document.warnings : result.problems, { colour: false }), '');
  });
});
