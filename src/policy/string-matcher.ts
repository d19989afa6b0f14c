import type { SettingPath } from '../config/problem.ts';
import type { Demand } from './demand.ts';
import { suggestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { collectParsed, mapParsed, parsed, refused, refusedKey } from './parsed.ts';
import { describeValue, isPlainObject } from './plain-data.ts';

export type StringTest = (value: string) => boolean;

/** One operator with its operand. */
export interface StringCheck {
  readonly holds: StringTest;
  /** All values that can hold, undefined when they are beyond counting. */
  readonly candidates: readonly string[] | undefined;
}

const oneStringOperators: Readonly<Record<string, (operand: string) => StringCheck>> = {
  is: (operand) => ({ holds: (value) => value === operand, candidates: [operand] }),
  not: (operand) => uncounted((value) => value !== operand),
  contains: (operand) => uncounted((value) => value.includes(operand)),
  starts_with: (operand) => uncounted((value) => value.startsWith(operand)),
  ends_with: (operand) => uncounted((value) => value.endsWith(operand)),
};

const manyStringsOperators: Readonly<Record<string, (operands: ReadonlySet<string>) => StringCheck>> = {
  in: (operands) => ({ holds: (value) => operands.has(value), candidates: [...operands] }),
  not_in: (operands) => uncounted((value) => !operands.has(value)),
};

function uncounted(holds: StringTest): StringCheck {
  return { holds, candidates: undefined };
}

export const stringOperators: readonly string[] = [...Object.keys(oneStringOperators), ...Object.keys(manyStringsOperators)];

/** What a string behind an operator means, where not every string is a value or one value has several spellings. */
export type OperandReader = (text: string, path: SettingPath, operator: string) => Parsed<string>;

/** A string (`is`), or an object whose operators must all hold. Case counts, and no value is trimmed or converted but by `read`. */
export function parseStringMatcher(data: unknown, path: SettingPath, read: OperandReader = parsed): Parsed<readonly StringCheck[]> {
  if (typeof data === 'string') return mapParsed(parseOperator('is', data, path, read), (check) => [check]);
  if (!isPlainObject(data))
    return refused(path, `expected a string or an object of operators, found ${describeValue(data)}${quoteHint(data)}`);
  const operators = Object.entries(data);
  // It would hold for everybody; whoever forgot the operator did not mean that.
  if (operators.length === 0) return refused(path, `the matcher is empty; write one of ${stringOperators.join(', ')}`);
  return collectParsed(operators.map(([operator, operand]) => parseOperator(operator, operand, [...path, operator], read)));
}

export function holdsAll(checks: readonly StringCheck[]): StringTest {
  const [only, ...others] = checks;
  if (only !== undefined && others.length === 0) return only.holds;
  return (value) => checks.every(({ holds }) => holds(value));
}

/** What a matcher asks of the value called `subject`. */
export function stringDemands(subject: string, checks: readonly StringCheck[]): readonly Demand[] {
  return checks.map(({ holds, candidates }) => ({ subject, candidates, accepts: holds }));
}

function parseOperator(operator: string, operand: unknown, path: SettingPath, read: OperandReader): Parsed<StringCheck> {
  const one = Object.hasOwn(oneStringOperators, operator) ? oneStringOperators[operator] : undefined;
  const readString = (value: unknown, place: SettingPath): Parsed<string> =>
    typeof value === 'string' ? read(value, place, operator) : wrongType(operator, value, place);
  if (one !== undefined) return mapParsed(readString(operand, path), one);
  const many = Object.hasOwn(manyStringsOperators, operator) ? manyStringsOperators[operator] : undefined;
  if (many === undefined) return refusedKey(path, `unknown operator "${operator}" for a string${suggestName(operator, stringOperators)}`);
  if (!Array.isArray(operand)) return refused(path, `"${operator}" takes a list of strings, found ${describeValue(operand)}`);
  const strings = collectParsed(operand.map((element: unknown, index) => readString(element, [...path, index])));
  return mapParsed(strings, (values) => many(new Set(values)));
}

function wrongType(operator: string, operand: unknown, path: SettingPath): Parsed<never> {
  return refused(path, `"${operator}" compares strings, found ${describeValue(operand)}${quoteHint(operand)}`);
}

/** What YAML reads as a number or a boolean, where a string was meant. */
function quoteHint(operand: unknown): string {
  return typeof operand === 'number' || typeof operand === 'boolean' ? `; write "${operand}" in quotes` : '';
}
