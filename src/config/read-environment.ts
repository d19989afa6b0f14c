import type { Level } from './foreign-keys.ts';
import { removedKeys, unsupportedKeys } from './foreign-keys.ts';
import { refusalCode, refuseKey } from './known-keys.ts';
import { readHeaderPairs, readVariable } from './read-variable.ts';
import type { Problem, SettingPath } from './problem.ts';
import { fixedKeys } from './schema-walk.ts';
import { settingsSchema } from './settings-schema.ts';
import type { AnySchema } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that came from a variable. */
export interface VariableSetting {
  readonly variable: string;
  readonly path: SettingPath;
  readonly value: unknown;
}

export interface EnvironmentSettings {
  /** In the order of the schema: a whole map before its keys. */
  readonly settings: readonly VariableSetting[];
  readonly problems: readonly Problem[];
}

/** The name of the variable that stands for a key: `['downstream_mtls', 'ca_file']` is `DOWNSTREAM_MTLS_CA_FILE`. */
export function variableName(path: readonly string[]): string {
  return path.join('_').toUpperCase();
}

/**
 * What the environment says. Only names of known keys are looked at; an empty variable counts as not set, as in Pomerium,
 * so that a compose file can switch one off.
 */
export function readEnvironment(environment: Environment): EnvironmentSettings {
  const settings: VariableSetting[] = [];
  const problems: Problem[] = [];
  for (const { path, schema } of variableKeys()) {
    const variable = variableName(path);
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const read = readVariable(text, schema);
    if (read.ok) settings.push({ variable, path, value: read.value });
    else problems.push({ severity: 'error', code: 'wrong-type', message: read.message, place: { kind: 'environment', variable } });
  }
  const headers = readHeadersVariable(environment);
  if (headers !== undefined && 'severity' in headers) problems.push(headers);
  else if (headers !== undefined) settings.push(headers);
  return { settings, problems: [...problems, ...refuseVariables(environment), ...refuseMisspelt(environment)] };
}

// Pomerium's name for the variable of `set_response_headers`; the name of the key counts as well.
const headersVariable = 'HEADERS';
const headersPath = ['set_response_headers'];

function readHeadersVariable(environment: Environment): VariableSetting | Problem | undefined {
  const text = environment[headersVariable] ?? '';
  if (text === '') return undefined;
  const place = { kind: 'environment', variable: headersVariable } as const;
  const other = variableName(headersPath);
  if ((environment[other] ?? '') !== '') {
    const message = `The variables ${headersVariable} and ${other} are both set: keep one of them`;
    return { severity: 'error', code: 'conflicting-keys', message, place };
  }
  const read = readHeaderPairs(text);
  if (read.ok) return { variable: headersVariable, path: headersPath, value: read.value };
  return { severity: 'error', code: 'wrong-type', message: read.message, place };
}

/** Every key that a variable can stand for, in the order of the schema, a map before its keys. */
export function variableKeys(): readonly { readonly path: readonly string[]; readonly schema: AnySchema }[] {
  const fromVariables = Object.entries(fixedKeys(settingsSchema) ?? {}).filter(([, schema]) => schema.facts?.fileOnly !== true);
  return fromVariables.flatMap(([key, schema]) => [
    { path: [key], schema },
    ...Object.entries(fixedKeys(schema) ?? {}).map(([inner, innerSchema]) => ({ path: [key, inner], schema: innerSchema })),
  ]);
}

const levels: readonly { readonly level: Level; readonly above: readonly string[] }[] = [
  { level: 'settings', above: [] },
  { level: 'downstream_mtls', above: ['downstream_mtls'] },
];

function refuseVariables(environment: Environment): readonly Problem[] {
  return levels.flatMap(({ level, above }) => {
    const keys = [...unsupportedKeys[level], ...Object.keys(removedKeys[level])];
    return keys.flatMap((key): readonly Problem[] => {
      const path = [...above, key];
      const variable = variableName(path);
      if ((environment[variable] ?? '') === '' || variable === headersVariable) return [];
      const shared = isSharedName(variable);
      const consequence = shared ? 'the variable is ignored' : 'unset the variable';
      return [
        {
          severity: shared ? 'warning' : 'error',
          code: shared ? 'ignored-variable' : refusalCode(path),
          message: `${refuseKey(path)}; ${consequence}`,
          place: { kind: 'environment', variable },
        },
      ];
    });
  });
}

const mtlsPrefix = 'DOWNSTREAM_MTLS_';

/**
 * A name that begins like these and is none of them can only be misspelt. Most unknown names belong to somebody else; this one would
 * leave a host open to everybody that its operator believes to be behind client certificates.
 */
function refuseMisspelt(environment: Environment): readonly Problem[] {
  const known = new Set(variableKeys().map(({ path }) => variableName(path)));
  for (const { level, above } of levels)
    for (const key of [...unsupportedKeys[level], ...Object.keys(removedKeys[level])]) known.add(variableName([...above, key]));
  const names = Object.keys(environment).filter((name) => name.startsWith(mtlsPrefix) && !known.has(name) && environment[name] !== '');
  return names.map((variable) => {
    const path = ['downstream_mtls', variable.slice(mtlsPrefix.length).toLowerCase()];
    return { severity: 'error', code: 'unknown-key', message: refuseKey(path), place: { kind: 'environment', variable } };
  });
}

/** Names that other programs of the machine use as well, so that they may be set without Postern being meant. */
function isSharedName(variable: string): boolean {
  return variable.startsWith('OTEL_') || !variable.includes('_');
}
