import type { SettingPath } from '../config/problem.ts';
import type { Permit } from './decide.ts';
import type { Action, Operator } from './policy-tree.ts';

/** A word of the vocabulary of docs/policy.md, `email-ok` for one. Open for later criteria, so a plain string. */
export type Reason = string;

/** One side of a decision: the boolean and the reasons that stood for it. */
export interface Side {
  readonly result: boolean;
  readonly reasons: readonly Reason[];
}

/** A criterion as it came out, for `explain` and for the coverage of tests: made only when asked for. */
export interface CriterionTrace {
  readonly action: Action;
  /** What combines it with its neighbours; `not` and `nor` negate `result`, which is told as it was before. */
  readonly operator: Operator;
  readonly criterion: string;
  readonly data: unknown;
  /** Where it stands, or the shorthand key that it stands for; undefined for the default denial. */
  readonly path: SettingPath | undefined;
  readonly result: boolean;
  readonly reasons: readonly Reason[];
  /** The actual value it looked at, one short line fit for a terminal; undefined when there was none to look at. */
  readonly found: string | undefined;
  /** Whether its combination came out as it did because of it, and its side because of that: its reasons are among the side's. */
  readonly decisive: boolean;
  /** One and the same object for all criteria of a combination. */
  readonly combination: CombinationTrace;
}

/** An operator with its list, as it came out; all combinations of one action are alternatives. */
export interface CombinationTrace {
  readonly action: Action;
  readonly operator: Operator;
  /** Where the operator stands; the route for its shorthand keys, which are one combination; undefined for the default denial. */
  readonly path: SettingPath | undefined;
  readonly result: boolean;
  readonly reasons: readonly Reason[];
}

export interface DecisionSides {
  readonly allow: Side;
  readonly deny: Side;
}

export type Decision =
  | ({ readonly kind: 'allow'; readonly permit: Permit; readonly reasons: readonly Reason[] } & DecisionSides)
  | ({ readonly kind: 'sign-in'; readonly reasons: readonly Reason[] } & DecisionSides)
  | ({ readonly kind: 'deny'; readonly reasons: readonly Reason[] } & DecisionSides);

/** What a permit is for: it fits one route and one canonical target, so the permit of one request is of no use to another. */
export interface Purpose {
  readonly routeId: string;
  readonly path: string;
  readonly query: string;
  /** Milliseconds since 1970: when the right to what was permitted ends (session, certificate); Infinity when nothing ends it. */
  readonly validUntil: number;
}
