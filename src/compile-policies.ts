import type { AccessSettings } from './config/settings.ts';
import type { PolicyCompilation, PolicyOptions } from './policy/compile-policy.ts';
import { compilePolicy } from './policy/compile-policy.ts';

/** Paths, of problems and in the tree of a policy, go from the route down: the policy may be that of many. */
export type CompilePolicy = (access: AccessSettings, defaultDeny: PolicyOptions['defaultDeny']) => PolicyCompilation;

/**
 * Compiles the policies of one configuration. Thousands of routes have a few policies between them: what is written alike is compiled once, and
 * is one object.
 */
export function createPolicyCompiler(authorities: NonNullable<PolicyOptions['authorities']>): CompilePolicy {
  const compiled = new Map<string, PolicyCompilation>();
  return (access, defaultDeny) => {
    const fromRoute = { ...access, policyPath: ['policy'] };
    const text = JSON.stringify([fromRoute, defaultDeny]);
    const known = compiled.get(text) ?? compilePolicy(fromRoute, { defaultDeny, authorities });
    // JSON takes `.nan` and `.inf` for null, and two policies that differ must never be one: where there is such a word, nothing is shared.
    if (!text.includes('null')) compiled.set(text, known);
    return known;
  };
}
