import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Configurations of this repository, good ones and broken ones, as far as they are of a size that many mutants can be made of. */
export function yamlSeeds(): readonly Buffer[] {
  const files = ['config.example.yaml', ...globSync('test/cases/{problems,pomerium,lint,explain}/*.{yaml,json}', { cwd: root }).toSorted()];
  return files.map((file) => readFileSync(join(root, file))).filter(({ length }) => length < 16 * 1024);
}
