import type * as Yaml from 'yaml';
import { loadPackage } from '../http/load-package.ts';

/**
 * The YAML library, loaded by whoever needs it first. It is a twentieth of a start, and hardly a configuration needs it: `readPlainYaml`
 * understands most, and the reading of a configuration waits for nothing.
 */
export function loadYaml(): typeof Yaml {
  return loadPackage('yaml') as typeof Yaml;
}
