import type { Level } from './foreign-keys.ts';
import { removedKeys, unsupportedAdvice, unsupportedKeys } from './foreign-keys.ts';
import { editDistance, nearestWord } from './nearest-word.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import { possibleKeys, schemaAt } from './schema-walk.ts';
import { settingsSchema } from './settings-schema.ts';
import type { AnySchema } from './schema.ts';

/** Keys that are built, by level, in the order of the schema. */
export const supportedKeys: Readonly<Record<Level, readonly string[]>> = {
  settings: keysOf(settingsSchema),
  downstream_mtls: keysOf(schemaAt(settingsSchema, ['downstream_mtls'])),
  certificate: keysOf(schemaAt(settingsSchema, ['certificates', 0])),
  route: keysOf(schemaAt(settingsSchema, ['routes', 0])),
};

/** Whether a key means something anywhere: to Postern, to Pomerium, or to an older one. */
export function isKnownKey(key: string): boolean {
  return everyLevel.some((level) => {
    return supportedKeys[level].includes(key) || unsupportedKeys[level].includes(key) || Object.hasOwn(removedKeys[level], key);
  });
}

const everyLevel: readonly Level[] = ['settings', 'downstream_mtls', 'certificate', 'route'];

/** The code of a key that is refused; `path` leads to the key. */
export function refusalCode(path: SettingPath): 'removed-key' | 'not-supported-yet' | 'unknown-key' {
  const level = levelOf(path);
  const key = String(path.at(-1));
  if (level === undefined) return 'unknown-key';
  if (Object.hasOwn(removedKeys[level], key)) return 'removed-key';
  return unsupportedKeys[level].includes(key) ? 'not-supported-yet' : 'unknown-key';
}

/** Why a key is refused, and what to write instead; `path` leads to the key. */
export function refuseKey(path: SettingPath): string {
  const level = levelOf(path);
  const key = String(path.at(-1));
  const removed = level === undefined ? {} : removedKeys[level];
  if (Object.hasOwn(removed, key)) return `${writePath(path)} was removed from Pomerium and means nothing here: ${removed[key] ?? ''}`;
  if (level !== undefined && unsupportedKeys[level].includes(key)) {
    const advice = Object.hasOwn(unsupportedAdvice, key) ? `: ${unsupportedAdvice[key] ?? ''}` : '';
    return `${writePath(path)} is not supported yet${advice}`;
  }
  const where = path.length === 1 ? '' : ` in ${writePath(path.slice(0, -1))}`;
  return `unknown key ${quoteValue(key)}${where}${hint(key, path)}`;
}

function hint(key: string, path: SettingPath): string {
  const meant = meantKey(key, path);
  if (meant !== undefined) return `, did you mean "${meant}"?`;
  const home = levels.find((other) => supportedKeys[other].includes(key) || unsupportedKeys[other].includes(key));
  return home === undefined ? '' : `: it belongs ${homes[home]}`;
}

function meantKey(key: string, path: SettingPath): string | undefined {
  const level = levelOf(path);
  const built = keysOf(schemaAt(settingsSchema, path.slice(0, -1)));
  return nearestWord(key, built) ?? (level === undefined ? undefined : nearestWord(key, unsupportedKeys[level]));
}

/** The key that an unknown one is a slip of the pen away from; undefined where it could be anything, the key of a secret too. */
export function plainlyMeantKey(path: SettingPath): string | undefined {
  const key = String(path.at(-1));
  const meant = meantKey(key, path);
  return meant !== undefined && editDistance(key, meant) <= slip ? meant : undefined;
}

const slip = 2;

const levels: readonly Level[] = ['settings', 'route', 'downstream_mtls'];

const homes: Readonly<Record<Level, string>> = {
  settings: 'at the top level',
  route: 'inside a route',
  downstream_mtls: 'inside downstream_mtls',
  certificate: 'inside an entry of certificates',
};

/** The map that a key stands in; undefined for the small ones inside others, of which nothing is planned or removed. */
function levelOf([top, ...rest]: SettingPath): Level | undefined {
  if (rest.length === 0) return 'settings';
  if (top === 'downstream_mtls') return rest.length === 1 ? 'downstream_mtls' : undefined;
  if (rest.length !== 2) return undefined;
  if (top === 'certificates') return 'certificate';
  return top === 'routes' || top === 'policy' ? 'route' : undefined;
}

function keysOf(schema: AnySchema | undefined): readonly string[] {
  return schema === undefined ? [] : Object.keys(possibleKeys(schema) ?? {});
}
