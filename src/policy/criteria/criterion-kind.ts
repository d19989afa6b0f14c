import type { SettingPath } from '../../config/problem.ts';
import type { Reason, Side } from '../decision.ts';
import type { Facts, PersonFacts } from '../facts.ts';
import type { Parsed } from '../parsed.ts';
import type { CompiledCriterion, Evaluate, Found } from '../policy-tree.ts';

/** Everything there is to know of one criterion; `docs/policy.md` holds the same table. */
export interface CriterionKind {
  readonly name: string;
  /** What the docs call its data. */
  readonly operand: string;
  /** Whether a path after the name is required (`claim/…`); the others take none. */
  readonly takesPath: boolean;
  /** Without a person it is false with `user-unauthenticated`, whatever its operator. */
  readonly needsPerson: boolean;
  readonly whenTrue: readonly Reason[];
  readonly whenFalse: readonly Reason[];
  compile(written: CriterionData): Parsed<CompiledCriterion>;
}

export interface CriterionData {
  readonly data: unknown;
  /** Where the data stands, for problems. */
  readonly path: SettingPath;
  /** What follows the first `/` of the name; empty for nothing. */
  readonly subpath: string;
  readonly authorities: NamedAuthorities;
}

/** The keys (`spkiHash`) of every authority that the configuration gives a name. */
export type NamedAuthorities = ReadonlyMap<string, readonly string[]>;

/** An answer made once, when the policy is compiled, and handed out by every decision. */
export function fixedSide(result: boolean, reason: Reason): Side {
  return Object.freeze({ result, reasons: Object.freeze([reason]) });
}

/** A criterion whose result is known whatever the facts. */
export function certainly(side: Side, look: (facts: Facts) => Found = lookAtNothing): CompiledCriterion {
  return { evaluate: () => side, look, certain: side.result, demands: [] };
}

/** A criterion of which nothing is known before there are facts. */
export function dependently(evaluate: Evaluate, look: (facts: Facts) => Found): CompiledCriterion {
  return { evaluate, look, certain: undefined, demands: [] };
}

function lookAtNothing(): undefined {
  return undefined;
}

export function whenFacts(test: (facts: Facts) => boolean, whenTrue: Reason, whenFalse: Reason): Evaluate {
  const yes = fixedSide(true, whenTrue);
  const no = fixedSide(false, whenFalse);
  return (facts) => (test(facts) ? yes : no);
}

const nobody = fixedSide(false, 'user-unauthenticated');

/** A criterion about a person: nobody fulfils it who is not signed in, neither by `not` nor by `exclude`. */
export function whenPerson(test: (person: PersonFacts) => boolean, whenTrue: Reason, whenFalse: Reason): Evaluate {
  const yes = fixedSide(true, whenTrue);
  const no = fixedSide(false, whenFalse);
  return ({ person }) => {
    if (person === undefined) return nobody;
    return test(person) ? yes : no;
  };
}
