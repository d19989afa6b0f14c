import { isMap } from './is-map.ts';
import type { Locate, Problem, SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { VariableSetting } from './read-environment.ts';

export interface LayeredSettings {
  readonly value: unknown;
  readonly locate: Locate;
  /** Whether the nearest thing that says something about a setting is a variable. */
  readonly isFromEnvironment: (path: SettingPath) => boolean;
  /** One for each variable that beats a value of the file. */
  readonly warnings: readonly Problem[];
}

/** Lays variables over what the file says: a variable beats the file, key by key. */
export function layerEnvironment(
  file: { readonly value: unknown; readonly locate: Locate },
  variables: readonly VariableSetting[],
): LayeredSettings {
  const findVariable = (path: SettingPath): VariableSetting | undefined => {
    // The last one counts: a key of a map is laid over the whole map.
    return variables.findLast((setting) => setting.path.every((step, index) => step === path[index]));
  };
  const locate: Locate = (path, part) => {
    const setting = findVariable(path);
    return setting === undefined ? file.locate(path, part) : { kind: 'environment', variable: setting.variable };
  };
  let value: unknown = file.value ?? {};
  const warnings: Problem[] = [];
  for (const { path, value: laid, variable } of variables) {
    if (hasPath(file.value, path)) warnings.push(warnOfOverride(path, variable, file.locate));
    value = withPath(value, path, laid);
  }
  return { value, locate, isFromEnvironment: (path) => findVariable(path) !== undefined, warnings };
}

function warnOfOverride(path: SettingPath, variable: string, locate: Locate): Problem {
  const place = locate(path, 'key');
  const where = place?.kind === 'file' ? ` at ${place.file}:${place.line}` : '';
  return {
    severity: 'warning',
    code: 'overridden',
    message: `The variable ${variable} overrides ${writePath(path)}${where}`,
    place: { kind: 'environment', variable },
  };
}

function hasPath(value: unknown, [step, ...rest]: SettingPath): boolean {
  if (step === undefined) return true;
  return isMap(value) && Object.hasOwn(value, step) && hasPath(value[step], rest);
}

/** What is no map stays as it is: the file is wrong there, and that will be told. */
function withPath(value: unknown, [step, ...rest]: SettingPath, laid: unknown): unknown {
  if (step === undefined) return laid;
  const map = value ?? {};
  return isMap(map) ? { ...map, [step]: withPath(map[step], rest, laid) } : value;
}
