import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

/**
 * The YAML library, loaded by whoever needs it first. It is a twentieth of a start, and hardly a configuration needs it: `readPlainYaml`
 * understands most, and the reading of a configuration waits for nothing.
 */
export function loadYaml(): typeof Yaml {
  return require('yaml') as typeof Yaml;
}
