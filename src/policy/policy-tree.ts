import type { SettingPath } from '../config/problem.ts';
import type { Facts } from './facts.ts';
import type { Side } from './decision.ts';

/** Answers for one set of facts; pure, never throws. What it returns is shared and must not be changed. */
export type Evaluate = (facts: Facts) => Side;

export type Action = 'allow' | 'deny';

/** As written in a policy. Beware: `not` asks that none holds and `nor` that at least one fails, against their usual names. */
export type Operator = 'and' | 'or' | 'not' | 'nor';

export interface CriterionNode {
  /** As written: `email`, `claim/department`. */
  readonly name: string;
  readonly data: unknown;
  /** Undefined for a criterion that stands for a shorthand key or for the default denial. */
  readonly path: SettingPath | undefined;
  /** Nothing but a person can fulfil it: without one it is false with `user-unauthenticated`. */
  readonly needsPerson: boolean;
  readonly evaluate: Evaluate;
}

/** One operator of a rule body with its criteria, never empty: `and: []` contributes nothing. */
export interface CombinationNode {
  readonly action: Action;
  readonly operator: Operator;
  readonly criteria: readonly CriterionNode[];
}

/** A policy as read. Rules, bodies and operators of one action are all ORed, so nothing but the combinations is left of them. */
export type PolicyTree = readonly CombinationNode[];
