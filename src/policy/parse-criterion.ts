import type { SettingPath } from '../config/problem.ts';
import { criterionKinds, laterCriteria } from './criteria/criterion-kinds.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { mapParsed, refused, refusedKey } from './parsed.ts';
import { describeValue, isPlainObject, listNames } from './plain-data.ts';
import type { CriterionNode } from './policy-tree.ts';

/** One entry of a criteria list: an object with exactly one key. */
export function parseCriterion(written: unknown, path: SettingPath): Parsed<CriterionNode> {
  if (!isPlainObject(written))
    return refused(path, `expected a criterion such as {email: alice@example.com}, found ${describeValue(written)}`);
  const [entry, ...others] = Object.entries(written);
  if (entry === undefined) return refused(path, 'the criterion is empty; write one such as {email: alice@example.com}');
  if (others.length > 0)
    return refused(path, `a criterion has exactly one key, found ${listNames(Object.keys(written))}; write a list entry for each`);
  const [name, data] = entry;
  return compileCriterion(name, data, [...path, name]);
}

/** `path` is undefined for a criterion that nobody wrote; its data is right by construction. */
export function compileCriterion(name: string, data: unknown, path: SettingPath | undefined): Parsed<CriterionNode> {
  const place = path ?? [];
  const slash = name.indexOf('/');
  const kindName = slash === -1 ? name : name.slice(0, slash);
  if (laterCriteria.has(kindName)) return refusedKey(place, `criterion "${kindName}" is not supported yet`);
  const kind = criterionKinds.get(kindName);
  if (kind === undefined) return refusedKey(place, `unknown criterion "${name}"${suggestName(kindName, [...criterionKinds.keys()])}`);
  if (slash !== -1 && !kind.takesPath) return refusedKey(place, `criterion "${kindName}" takes no path, found "${name}"`);
  const subpath = slash === -1 ? '' : name.slice(slash + 1);
  const { needsPerson, whenTrue, whenFalse } = kind;
  return mapParsed(kind.compile({ data, path: place, subpath }), (compiled) =>
    Object.freeze({ ...compiled, name, data, path, needsPerson, whenTrue, whenFalse }),
  );
}
