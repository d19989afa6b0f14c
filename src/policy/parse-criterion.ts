import type { SettingPath } from '../config/problem.ts';
import type { CriterionKind, NamedAuthorities } from './criteria/criterion-kind.ts';
import { criterionKinds, laterCriteria } from './criteria/criterion-kinds.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { mapParsed, refused, refusedKey } from './parsed.ts';
import { describeValue, isPlainObject, listNames } from './plain-data.ts';
import type { CriterionNode } from './policy-tree.ts';

/** One entry of a criteria list: an object with exactly one key. */
export function parseCriterion(written: unknown, path: SettingPath, authorities: NamedAuthorities): Parsed<CriterionNode> {
  if (!isPlainObject(written))
    return refused(path, `expected a criterion such as {email: alice@example.com}, found ${describeValue(written)}`);
  const [entry, ...others] = Object.entries(written);
  if (entry === undefined) return refused(path, 'the criterion is empty; write one such as {email: alice@example.com}');
  if (others.length > 0)
    return refused(path, `a criterion has exactly one key, found ${listNames(Object.keys(written))}; write a list entry for each`);
  const [name, data] = entry;
  return compileCriterion(name, data, [...path, name], authorities);
}

/** A criterion by its name, `claim/department` for one. */
export function compileCriterion(name: string, data: unknown, place: SettingPath, authorities: NamedAuthorities): Parsed<CriterionNode> {
  const slash = name.indexOf('/');
  const kindName = slash === -1 ? name : name.slice(0, slash);
  if (laterCriteria.has(kindName)) return refusedKey(place, `criterion "${kindName}" is not supported yet`);
  const kind = criterionKinds.get(kindName);
  if (kind === undefined) return refusedKey(place, `unknown criterion "${name}"${suggestName(kindName, [...criterionKinds.keys()])}`);
  if (slash !== -1 && !kind.takesPath) return refusedKey(place, `criterion "${kindName}" takes no path, found "${name}"`);
  const subpath = slash === -1 ? '' : name.slice(slash + 1);
  return mapParsed(kind.compile({ data, path: place, subpath, authorities }), (compiled) =>
    buildNode(kind, { ...compiled, name, data, path: place }),
  );
}

/** A criterion that nobody wrote, so that it has no place; its data is right by construction. */
export function compileUnwritten(kind: CriterionKind, data: unknown): Parsed<CriterionNode> {
  return mapParsed(kind.compile({ data, path: [], subpath: '', authorities: new Map() }), (compiled) =>
    buildNode(kind, { ...compiled, name: kind.name, data, path: undefined }),
  );
}

function buildNode(
  { needsPerson, whenTrue, whenFalse }: CriterionKind,
  parts: Omit<CriterionNode, 'needsPerson' | 'whenTrue' | 'whenFalse'>,
): CriterionNode {
  return Object.freeze({ ...parts, needsPerson, whenTrue, whenFalse });
}
