import type { SettingPath } from '../config/problem.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, parsed, refused } from './parsed.ts';
import { describeValue, isPlainObject } from './plain-data.ts';

export type StringTest = (value: string) => boolean;

const oneStringOperators: Readonly<Record<string, (operand: string) => StringTest>> = {
  is: (operand) => (value) => value === operand,
  not: (operand) => (value) => value !== operand,
  contains: (operand) => (value) => value.includes(operand),
  starts_with: (operand) => (value) => value.startsWith(operand),
  ends_with: (operand) => (value) => value.endsWith(operand),
};

const manyStringsOperators: Readonly<Record<string, (operands: ReadonlySet<string>) => StringTest>> = {
  in: (operands) => (value) => operands.has(value),
  not_in: (operands) => (value) => !operands.has(value),
};

export const stringOperators: readonly string[] = [...Object.keys(oneStringOperators), ...Object.keys(manyStringsOperators)];

/** A string (`is`), or an object whose operators must all hold. Case counts, and no value is trimmed or converted. */
export function parseStringMatcher(data: unknown, path: SettingPath): Parsed<readonly StringTest[]> {
  if (typeof data === 'string') return parsed([(value) => value === data]);
  if (!isPlainObject(data)) return refused(path, `expected a string or an object of operators, found ${describeValue(data)}`);
  const operators = Object.entries(data);
  // It would hold for everybody; whoever forgot the operator did not mean that.
  if (operators.length === 0) return refused(path, `the matcher is empty; write one of ${stringOperators.join(', ')}`);
  return collectParsed(operators.map(([operator, operand]) => parseOperator(operator, operand, [...path, operator])));
}

export function holdsAll(tests: readonly StringTest[]): StringTest {
  const [only, ...others] = tests;
  if (only !== undefined && others.length === 0) return only;
  return (value) => tests.every((test) => test(value));
}

function parseOperator(operator: string, operand: unknown, path: SettingPath): Parsed<StringTest> {
  const one = Object.hasOwn(oneStringOperators, operator) ? oneStringOperators[operator] : undefined;
  if (one !== undefined) return typeof operand === 'string' ? parsed(one(operand)) : wrongType(operator, operand, path);
  const many = Object.hasOwn(manyStringsOperators, operator) ? manyStringsOperators[operator] : undefined;
  if (many === undefined) return refused(path, `unknown operator "${operator}" for a string${suggestName(operator, stringOperators)}`);
  if (!Array.isArray(operand)) return refused(path, `"${operator}" takes a list of strings, found ${describeValue(operand)}`);
  const elements = operand.map((element: unknown, index) =>
    typeof element === 'string' ? parsed(element) : wrongType(operator, element, [...path, index]),
  );
  const strings = collectParsed(elements);
  return strings.ok ? parsed(many(new Set(strings.value))) : strings;
}

function wrongType(operator: string, operand: unknown, path: SettingPath): Parsed<never> {
  const quoted = typeof operand === 'number' || typeof operand === 'boolean' ? `; write "${operand}" in quotes` : '';
  return refused(path, `"${operator}" compares strings, found ${describeValue(operand)}${quoted}`);
}
