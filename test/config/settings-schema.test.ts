import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { configurationPage } from '../../scripts/configuration-page.ts';
import { keyFacts } from '../../src/config/key-schema.ts';
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
        keyFacts(keySchema)?.description ?? '',
      ]);
    });
    assert.deepEqual([keys.length > 50, keys.filter(([, description = '']) => !description.endsWith('.'))], [true, []]);
  });

  it('can be written as JSON Schema', () => {
    const { properties = {} } = z.toJSONSchema(settingsSchema, { io: 'input' });
    assert.deepEqual(properties['log_level'], {
      type: 'string',
      description: 'The least important lines that are logged.',
      enum: ['trace', 'debug', 'info', 'warn', 'error'],
      default: 'info',
    });
  });

  it('leads nowhere where the configuration ends', () => {
    const paths = [['nothing'], ['routes', 'x'], ['log_level', 0], ['constructor'], ['routes', 0, 'toString']];
    assert.deepEqual(
      paths.map((path) => schemaAt(settingsSchema, path)),
      paths.map(() => undefined),
    );
  });
});

describe('config.example.yaml', () => {
  it('passes without a word', () => {
    const result = readSettings({ file: new URL('../../config.example.yaml', import.meta.url).pathname, environment: undefined });
    assert.equal(writeProblems(result.ok ? result.document.warnings : result.problems, { colour: false }), '');
  });
});
