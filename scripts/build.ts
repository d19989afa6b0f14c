// Puts the program together into `dist`: a few files instead of four hundred, each of which Node would look up, open and compile in the
// middle of a start. Packages stay where they are, so that what is audited and updated in node_modules is what runs.
//
//   npm run build

import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

// The names of the parts change with what is in them: those of an earlier build would stay behind.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
