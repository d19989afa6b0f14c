import type { CompiledPolicy } from './compile-policy.ts';

/** Whether some criterion needs somebody signed in, so that the route may send a visitor to sign in. */
export function needsPerson(policy: CompiledPolicy): boolean {
  return policy.tree.some(({ criteria }) => criteria.some((criterion) => criterion.needsPerson));
}
