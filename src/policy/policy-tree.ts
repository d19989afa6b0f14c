import type { SettingPath } from '../config/problem.ts';
import type { Reason, Side } from './decision.ts';
import type { Demand } from './demand.ts';
import type { ClaimValue, Facts } from './facts.ts';

/** Answers for one set of facts; pure, never throws. What it returns is shared and must not be changed. */
export type Evaluate = (facts: Facts) => Side;

export type Action = 'allow' | 'deny';

/** As written in a policy. Beware: `not` asks that none holds and `nor` that at least one fails, against their usual names. */
export type Operator = 'and' | 'or' | 'not' | 'nor';

/** What a criterion looks at: a text, the values of a claim, or nothing. From whoever asks, so not fit to be printed as it is. */
export type Found = string | readonly ClaimValue[] | undefined;

/** What became of a criterion's data. */
export interface CompiledCriterion {
  readonly evaluate: Evaluate;
  /** For `explain` alone; a decision never calls it. */
  readonly look: (facts: Facts) => Found;
  /** The result that it has whatever the facts, undefined when it depends on them. Of no meaning without a person it needs. */
  readonly certain: boolean | undefined;
  readonly demands: readonly Demand[];
}

export interface CriterionNode extends CompiledCriterion {
  /** As written: `email`, `claim/department`. */
  readonly name: string;
  readonly data: unknown;
  /** Where it stands, or the shorthand key that it stands for; undefined for the default denial, which nobody wrote. */
  readonly path: SettingPath | undefined;
  /** Nothing but a person can fulfil it: without one it is false with `user-unauthenticated`. */
  readonly needsPerson: boolean;
  readonly whenTrue: readonly Reason[];
  readonly whenFalse: readonly Reason[];
}

/** One operator of a rule body with its criteria, never empty: `and: []` contributes nothing. */
export interface CombinationNode {
  readonly action: Action;
  readonly operator: Operator;
  /** Where the operator stands; the route for the shorthand keys, which are one combination; undefined for the default denial. */
  readonly path: SettingPath | undefined;
  readonly criteria: readonly CriterionNode[];
  readonly evaluate: Evaluate;
}

/** A policy as read. Rules, bodies and operators of one action are all ORed, so nothing but the combinations is left of them. */
export type PolicyTree = readonly CombinationNode[];
