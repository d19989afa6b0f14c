import type { Facts } from '../facts.ts';
import { mapParsed } from '../parsed.ts';
import { holdsAll, parseStringMatcher } from '../string-matcher.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { whenFacts } from './criterion-kind.ts';

/** `http_method` and `http_path`: what is asked for. The path is the canonical one, without the query. */
export const requestCriteria: readonly CriterionKind[] = [
  stringOfRequest('http_method', 'http-method', ({ method }) => method),
  stringOfRequest('http_path', 'http-path', ({ path }) => path),
];

function stringOfRequest(name: string, word: string, read: (facts: Facts) => string): CriterionKind {
  const whenTrue = `${word}-ok`;
  const whenFalse = `${word}-unauthorized`;
  return {
    name,
    operand: 'string matcher',
    takesPath: false,
    needsPerson: false,
    whenTrue: [whenTrue],
    whenFalse: [whenFalse],
    compile: ({ data, path }) =>
      mapParsed(parseStringMatcher(data, path), (tests) => {
        const holds = holdsAll(tests);
        return whenFacts((facts) => holds(read(facts)), whenTrue, whenFalse);
      }),
  };
}
