import type { Reason, Side } from './decision.ts';
import type { Evaluate, Operator } from './policy-tree.ts';
import { createReasonUnion } from './reason-union.ts';

const noReasons: readonly Reason[] = Object.freeze([]);
const nothing: Side = Object.freeze({ result: false, reasons: noReasons });

export interface Combining {
  readonly quantifier: 'all' | 'any';
  readonly negated: boolean;
}

// `not` and `nor` have their names swapped against usual logic; policies written for Pomerium rely on it.
export const combinings: Readonly<Record<Operator, Combining>> = {
  and: { quantifier: 'all', negated: false },
  or: { quantifier: 'any', negated: false },
  not: { quantifier: 'all', negated: true },
  nor: { quantifier: 'any', negated: true },
};

/**
 * One operator over its criteria. All are evaluated, always, so that no reason is lost. True carries the reasons of the true
 * ones, false those of the false ones; a negation flips a criterion's boolean and keeps its reasons.
 */
export function combine(operator: Operator, criteria: readonly Evaluate[]): Evaluate {
  const { quantifier, negated } = combinings[operator];
  const [only, ...others] = criteria;
  if (only === undefined) return () => nothing;
  if (others.length === 0 && !negated) return only;
  const union = createReasonUnion();
  return (facts) => {
    let someTrue = false;
    let someFalse = false;
    let trueReasons = noReasons;
    let falseReasons = noReasons;
    for (const criterion of criteria) {
      const { result, reasons } = criterion(facts);
      if (result !== negated) {
        someTrue = true;
        trueReasons = union(trueReasons, reasons);
      } else {
        someFalse = true;
        falseReasons = union(falseReasons, reasons);
      }
    }
    const result = quantifier === 'all' ? !someFalse : someTrue;
    return { result, reasons: result ? trueReasons : falseReasons };
  };
}
