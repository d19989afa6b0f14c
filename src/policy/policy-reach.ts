import type { CompiledPolicy } from './compile-policy.ts';
import { combinings } from './combine.ts';
import type { Decision, Reason } from './decision.ts';
import { canAllHold } from './demand.ts';
import type { Action, CombinationNode, CriterionNode, Operator } from './policy-tree.ts';

export interface PolicyReach {
  /** Whom the policy lets in: everybody with whatever request, nobody ever, or something between that depends on the facts. */
  readonly allow: 'everybody' | 'nobody' | 'some';
  /** True: every request of whoever isn't signed in is allowed. False: none is. */
  readonly allowsWithoutPerson: boolean | 'unknown';
}

/**
 * What can be said of a policy without facts. It only claims what is certain: constants, missing allow rules, denials that
 * always hold, criteria that exclude each other under one `and`. Different criteria count as independent of each other.
 */
export function policyReach(policy: CompiledPolicy): PolicyReach {
  const nobody = decisions(policy, false);
  const somebody = decisions(policy, true);
  const all = new Set([...nobody, ...somebody]);
  const allow = !all.has('allow') ? 'nobody' : all.size === 1 ? 'everybody' : 'some';
  return { allow, allowsWithoutPerson: !nobody.has('allow') ? false : nobody.size === 1 ? true : 'unknown' };
}

/** A way in which a criterion, a combination or a side can come out, with what the order of decision asks of its reasons. */
interface Outcome {
  readonly result: boolean;
  /** `user-unauthenticated` is among them. */
  readonly signIn: boolean;
  /** A certificate is missing or invalid. */
  readonly certificate: boolean;
}

function decisions({ tree }: CompiledPolicy, signedIn: boolean): ReadonlySet<Decision['kind']> {
  const side = (action: Action): readonly Outcome[] =>
    combined(
      'or',
      tree.filter((node) => node.action === action).map((node) => outcomesOf(node, signedIn)),
    );
  const deny = side('deny');
  return new Set(side('allow').flatMap((allowed) => deny.map((denied) => decisionOf(allowed, denied))));
}

/** The order of `decide`. */
function decisionOf(allow: Outcome, deny: Outcome): Decision['kind'] {
  if (deny.certificate) return 'deny';
  if (allow.signIn || deny.signIn) return 'sign-in';
  return allow.result && !deny.result ? 'allow' : 'deny';
}

function outcomesOf({ operator, criteria }: CombinationNode, signedIn: boolean): readonly Outcome[] {
  const outcomes = criteria.map((criterion) => outcomesOfCriterion(criterion, signedIn));
  const together = canAllHold(criteria.flatMap(({ demands }) => demands));
  return combined(operator, outcomes, together);
}

function outcomesOfCriterion(criterion: CriterionNode, signedIn: boolean): readonly Outcome[] {
  if (criterion.needsPerson && !signedIn) return [{ result: false, signIn: true, certificate: false }];
  const { certain, whenTrue, whenFalse, demands } = criterion;
  const canBeTrue = certain !== false && canAllHold(demands);
  return [...(canBeTrue ? outcomesWith(true, whenTrue) : []), ...(certain === true ? [] : outcomesWith(false, whenFalse))];
}

function outcomesWith(result: boolean, reasons: readonly Reason[]): readonly Outcome[] {
  return reasons.map((reason) => ({
    result,
    signIn: reason === 'user-unauthenticated',
    certificate: reason === 'client-certificate-required' || reason === 'invalid-client-certificate',
  }));
}

const nothing: Outcome = { result: false, signIn: false, certificate: false };

// What a walk over the criteria has met so far: some that hold, some that fail, and what the reasons of either kind hold.
const someHold = 1;
const someFail = 2;
const signIn = 4;
const certificate = 8;
const ofFailing = 2;

/** Every way in which an operator can come out over parts of which each can come out in several ways. */
function combined(operator: Operator, parts: readonly (readonly Outcome[])[], canAllBeTrue = true): readonly Outcome[] {
  if (parts.length === 0) return [nothing];
  const { quantifier, negated } = combinings[operator];
  let met: ReadonlySet<number> = new Set([0]);
  for (const outcomes of parts) met = new Set([...met].flatMap((before) => outcomes.map((outcome) => before | bitsOf(outcome, negated))));
  const allTrue = negated ? someHold : someFail;
  return [...met]
    .filter((bits) => canAllBeTrue || (bits & allTrue) !== 0)
    .map((bits) => {
      const result = quantifier === 'all' ? (bits & someFail) === 0 : (bits & someHold) !== 0;
      const reasons = result ? bits : bits >> ofFailing;
      return { result, signIn: (reasons & signIn) !== 0, certificate: (reasons & certificate) !== 0 };
    });
}

function bitsOf(outcome: Outcome, negated: boolean): number {
  const reasons = (outcome.signIn ? signIn : 0) | (outcome.certificate ? certificate : 0);
  return outcome.result === negated ? someFail | (reasons << ofFailing) : someHold | reasons;
}
