import { combine } from './combine.ts';
import type { CombinationNode } from './policy-tree.ts';

/** A combination that knows how to answer; frozen, as everything of a policy. */
export function buildCombination(parts: Omit<CombinationNode, 'evaluate'>): CombinationNode {
  const evaluates = parts.criteria.map(({ evaluate }) => evaluate);
  return Object.freeze({ ...parts, criteria: Object.freeze([...parts.criteria]), evaluate: combine(parts.operator, evaluates) });
}
