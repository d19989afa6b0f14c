import type { SettingPath } from '../config/problem.ts';
import { buildCombination } from './build-combination.ts';
import type { NamedAuthorities } from './criteria/criterion-kind.ts';
import { suggestName } from './nearest-name.ts';
import { parseCriterion } from './parse-criterion.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, mapParsed, parsed, refused, refusedKey } from './parsed.ts';
import { describeValue, isPlainObject } from './plain-data.ts';
import type { Action, Operator, PolicyTree } from './policy-tree.ts';

const operators: readonly Operator[] = ['and', 'or', 'not', 'nor'];
const actions: readonly Action[] = ['allow', 'deny'];

/**
 * Reads a PPL document: `{}`, a rule, or a list of rules; undefined is a policy without rules. Nothing in it is ignored but
 * the key `action`, which Pomerium's own export writes beside what says the same.
 */
export function parsePolicy(document: unknown, path: SettingPath, authorities: NamedAuthorities): Parsed<PolicyTree> {
  if (document === undefined) return parsed([]);
  const rules = Array.isArray(document)
    ? document.map((rule: unknown, index) => parseRule(rule, [...path, index], authorities))
    : [parseRule(document, path, authorities)];
  return flatten(rules);
}

function parseRule(rule: unknown, path: SettingPath, authorities: NamedAuthorities): Parsed<PolicyTree> {
  if (!isPlainObject(rule))
    return refused(path, `expected a rule with "allow" or "deny", found ${describeValue(rule)}; leave the policy out when there is none`);
  const parts = Object.entries(rule).map(([key, body]) => {
    const action = actions.find((known) => known === key);
    if (action !== undefined) return parseBody(action, body, { path: [...path, key], authorities });
    return key === 'action' ? parsed([]) : refusedKey([...path, key], `unknown key "${key}" in a policy rule${suggestName(key, actions)}`);
  });
  return flatten(parts);
}

interface Surroundings {
  readonly path: SettingPath;
  readonly authorities: NamedAuthorities;
}

function parseBody(action: Action, body: unknown, { path, authorities }: Surroundings): Parsed<PolicyTree> {
  if (!isPlainObject(body)) return refused(path, `"${action}" takes an object with ${operators.join(', ')}, found ${describeValue(body)}`);
  const parts = Object.entries(body).map(([key, list]) => {
    const operator = operators.find((known) => known === key);
    if (operator !== undefined) return parseCombination(action, operator, list, { path: [...path, key], authorities });
    return key === 'action' ? parsed([]) : refusedKey([...path, key], `unknown key "${key}" in "${action}"${suggestName(key, operators)}`);
  });
  return flatten(parts);
}

function parseCombination(action: Action, operator: Operator, list: unknown, { path, authorities }: Surroundings): Parsed<PolicyTree> {
  if (!Array.isArray(list)) return refused(path, `"${operator}" takes a list of criteria, found ${describeValue(list)}`);
  const criteria = collectParsed(list.map((criterion: unknown, index) => parseCriterion(criterion, [...path, index], authorities)));
  return mapParsed(criteria, (all) => (all.length === 0 ? [] : [buildCombination({ action, operator, path, criteria: all })]));
}

function flatten(parts: readonly Parsed<PolicyTree>[]): Parsed<PolicyTree> {
  return mapParsed(collectParsed(parts), (trees) => trees.flat());
}
