import type { SettingPath } from '../config/problem.ts';
import type { ClaimValue } from './facts.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, mapParsed, parsed, refused, refusedKey } from './parsed.ts';
import { describeValue, isPlainObject } from './plain-data.ts';

export type ListTest = (values: readonly ClaimValue[]) => boolean;

const makers: Readonly<Record<string, (operand: ClaimValue) => ListTest>> = {
  has: (operand) => (values) => values.includes(operand),
  is: (operand) => (values) => values.length === 1 && values[0] === operand,
  exclude: (operand) => (values) => !values.includes(operand),
};

export const listOperators: readonly string[] = Object.keys(makers);

/** A scalar (`has`), or an object whose operators must all hold. Scalars are compared with their type: `5` is not `"5"`. */
export function parseListMatcher(data: unknown, path: SettingPath): Parsed<ListTest> {
  if (!isPlainObject(data)) return parseOperator('has', data, path);
  const operators = Object.entries(data);
  // It would hold for everybody; whoever forgot the operator did not mean that.
  if (operators.length === 0) return refused(path, `the matcher is empty; write one of ${listOperators.join(', ')}`);
  const tests = collectParsed(operators.map(([operator, operand]) => parseOperator(operator, operand, [...path, operator])));
  return mapParsed(tests, (all) => (values) => all.every((test) => test(values)));
}

function parseOperator(operator: string, operand: unknown, path: SettingPath): Parsed<ListTest> {
  const maker = Object.hasOwn(makers, operator) ? makers[operator] : undefined;
  if (maker === undefined) return refusedKey(path, `unknown operator "${operator}" for a list${suggestName(operator, listOperators)}`);
  if (isScalar(operand)) return parsed(maker(operand));
  // No element of a claim is a list, so `has` and `is` compare in vain, as they do in Pomerium. `exclude` would let
  // everybody in who was meant to stay out.
  if (Array.isArray(operand) && operator !== 'exclude') return parsed(() => false);
  return refused(path, `"${operator}" takes one value, found ${describeValue(operand)}; write one criterion for each value`);
}

function isScalar(value: unknown): value is ClaimValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
