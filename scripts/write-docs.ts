import { writeFileSync } from 'node:fs';
import { configurationPage } from './configuration-page.ts';

// The pages that are written from the code. A test fails when one of them differs from what would be written here.
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
