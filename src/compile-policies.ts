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
  // What the reading of the configuration found to be one document need not be written out to be compared.
  const ofDocument = new Map<unknown, Map<string, PolicyCompilation>>();
  return (access, defaultDeny) => {
    const beside = JSON.stringify([{ ...access, policy: undefined, policyPath: undefined }, defaultDeny]);
    const alike = ofDocument.get(access.policy) ?? new Map<string, PolicyCompilation>();
    const known = alike.get(beside) ?? compileOnce(access, defaultDeny);
    if (isExact(beside)) ofDocument.set(access.policy, alike.set(beside, known));
    return known;
  };

  function compileOnce(access: AccessSettings, defaultDeny: PolicyOptions['defaultDeny']): PolicyCompilation {
    const fromRoute = { ...access, policyPath: ['policy'] };
    const text = JSON.stringify([fromRoute, defaultDeny]);
    const known = compiled.get(text) ?? compilePolicy(fromRoute, { defaultDeny, authorities });
    if (isExact(text)) compiled.set(text, known);
    return known;
  }
}

/** JSON takes `.nan` and `.inf` for null, and two policies that differ must never be one: where there is such a word, nothing is shared. */
function isExact(text: string): boolean {
  return !text.includes('null');
}
