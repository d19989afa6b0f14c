import { mkdirSync, writeFileSync } from 'node:fs';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { jsonSchemaText } from './json-schema.ts';

// The files that are written from the code. A test fails when one of them differs from what would be written here.
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(new URL('../schema/postern.schema.json', import.meta.url), jsonSchemaText());
writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage());
