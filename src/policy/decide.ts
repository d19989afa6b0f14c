import type { CompiledPolicy } from './compile-policy.ts';
import type { CriterionTrace, Decision, Purpose, Reason, Side } from './decision.ts';
import type { Facts } from './facts.ts';
import type { CombinationNode } from './policy-tree.ts';
import { showFound } from './show-found.ts';

const signInReasons: readonly Reason[] = Object.freeze(['user-unauthenticated']);

/**
 * Whether `facts` may have what `purpose` names. Both sides are always fully evaluated, so that every reason can be told.
 * The order of the steps is Pomerium's: reasons count whatever the boolean they stood for, so a negated criterion about a
 * person nobody is yet (`not: [email: …]`) sends the visitor to sign in and does not let the internet in.
 */
export function decide(policy: CompiledPolicy, facts: Facts, purpose: Purpose): Decision {
  const allow = policy.allow(facts);
  const deny = policy.deny(facts);
  // Before the sign-in: whoever lacks the certificate would come back from there to the same refusal.
  if (deny.reasons.includes('client-certificate-required') || deny.reasons.includes('invalid-client-certificate'))
    return { kind: 'deny', reasons: deny.reasons, allow, deny };
  if (allow.reasons.includes('user-unauthenticated') || deny.reasons.includes('user-unauthenticated'))
    return { kind: 'sign-in', reasons: signInReasons, allow, deny };
  if (deny.result) return { kind: 'deny', reasons: deny.reasons, allow, deny };
  if (allow.result) return { kind: 'allow', permit: new AccessPermit(purpose), reasons: allow.reasons, allow, deny };
  return { kind: 'deny', reasons: allow.reasons, allow, deny };
}

/** Every criterion by itself, in reading order, with its own value: under `not` and `nor` that is the value before the negation. */
export function traceDecision(policy: CompiledPolicy, facts: Facts): readonly CriterionTrace[] {
  const sides = { allow: policy.allow(facts), deny: policy.deny(facts) };
  return policy.tree.flatMap((node) => traceCombination(node, facts, sides[node.action]));
}

function traceCombination(
  { action, operator, path, criteria, evaluate }: CombinationNode,
  facts: Facts,
  side: Side,
): readonly CriterionTrace[] {
  const combination = { action, operator, path, ...evaluate(facts) };
  const negated = operator === 'not' || operator === 'nor';
  return criteria.map((criterion) => {
    const { result, reasons } = criterion.evaluate(facts);
    return {
      action,
      operator,
      criterion: criterion.name,
      data: criterion.data,
      path: criterion.path,
      result,
      reasons,
      found: showFound(criterion.look(facts)),
      decisive: (result !== negated) === combination.result && combination.result === side.result,
      combination,
    };
  });
}

/** Whether a value is a genuine permit; a look-alike, a copy and a proxy of one are none. */
export function isPermit(value: unknown): value is Permit {
  return AccessPermit.isGenuine(value);
}

/** What `decide` hands out with an allowance, and nothing else can make: the upstream room asks for one, so that no request gets by unjudged. */
export type Permit = AccessPermit;

// Not exported on purpose, and with a private field: no other file can construct one, and no object literal has its type.
class AccessPermit {
  readonly #purpose: Purpose;

  constructor(purpose: Purpose) {
    this.#purpose = purpose;
  }

  static isGenuine(value: unknown): value is AccessPermit {
    return typeof value === 'object' && value !== null && #purpose in value;
  }

  get routeId(): string {
    return this.#purpose.routeId;
  }

  get path(): string {
    return this.#purpose.path;
  }

  get query(): string {
    return this.#purpose.query;
  }

  /** Milliseconds since 1970; Infinity when nothing ends it. */
  get validUntil(): number {
    return this.#purpose.validUntil;
  }
}
