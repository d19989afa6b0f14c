import type { Facts } from '../facts.ts';
import { mapParsed, parsed } from '../parsed.ts';
import { holdsAll, parseStringMatcher, stringDemands } from '../string-matcher.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { certainly, dependently, fixedSide, whenFacts } from './criterion-kind.ts';

const noToolCall = fixedSide(false, 'mcp-not-a-tool-call');

/** `http_method`, `http_path`, `cors_preflight`, `mcp_tool`: what is asked for. The path is the canonical one, without the query. */
export const requestCriteria: readonly CriterionKind[] = [
  stringOfRequest('http_method', 'http-method', ({ method }) => method),
  stringOfRequest('http_path', 'http-path', ({ path }) => path),
  {
    name: 'cors_preflight',
    operand: 'anything',
    takesPath: false,
    needsPerson: false,
    whenTrue: ['cors-request'],
    whenFalse: ['non-cors-request'],
    compile: () =>
      parsed(
        dependently(
          whenFacts(({ corsPreflight }) => corsPreflight, 'cors-request', 'non-cors-request'),
          ({ method, corsPreflight }) => (corsPreflight ? `${method}, a preflight` : `${method}, no preflight`),
        ),
      ),
  },
  {
    // No call of a tool is ever looked at, so that none is recognised: false whatever the operator, also in Pomerium.
    name: 'mcp_tool',
    operand: 'string matcher',
    takesPath: false,
    needsPerson: false,
    whenTrue: [],
    whenFalse: ['mcp-not-a-tool-call'],
    compile: ({ data, path }) => mapParsed(parseStringMatcher(data, path), () => certainly(noToolCall)),
  },
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
      mapParsed(parseStringMatcher(data, path), (checks) => {
        const holds = holdsAll(checks);
        const evaluate = whenFacts((facts) => holds(read(facts)), whenTrue, whenFalse);
        return { evaluate, look: read, certain: undefined, demands: stringDemands(name, checks) };
      }),
  };
}
