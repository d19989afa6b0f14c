import type { Permit } from './decide.ts';

/** A word of the vocabulary of contract section 3, `email-ok` for one. Open for later criteria, so a plain string. */
export type Reason = string;

/** One side of a decision: the boolean and the reasons that stood for it. */
export interface Side {
  readonly result: boolean;
  readonly reasons: readonly Reason[];
}

/** A criterion or combination as it came out, for `explain`: made only when asked for. */
export interface CriterionTrace {
  readonly action: 'allow' | 'deny';
  readonly criterion: string;
  readonly data: unknown;
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
