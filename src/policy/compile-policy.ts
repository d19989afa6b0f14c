import type { AccessSettings } from '../config/settings.ts';
import { combine } from './combine.ts';
import type { NamedAuthorities } from './criteria/criterion-kind.ts';
import { parsePolicy } from './parse-policy.ts';
import type { DefaultDeny } from './parse-shorthand.ts';
import { parseDefaultDeny, parseShorthand } from './parse-shorthand.ts';
import type { PolicyProblem } from './parsed.ts';
import { collectParsed } from './parsed.ts';
import type { Action, Evaluate, PolicyTree } from './policy-tree.ts';

declare const compiledBrand: unique symbol;

/** Ready to decide. Only `compilePolicy` makes one, because whoever could make one could make a permit. */
export interface CompiledPolicy {
  readonly tree: PolicyTree;
  readonly allow: Evaluate;
  readonly deny: Evaluate;
  readonly [compiledBrand]: true;
}

export type PolicyCompilation =
  | { readonly ok: true; readonly policy: CompiledPolicy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export interface PolicyOptions {
  readonly defaultDeny: DefaultDeny;
  /** What `ca` of a `client_certificate` may name: the keys (`spkiHash`) of every named authority. Absent: no names are known. */
  readonly authorities?: NamedAuthorities;
}

/**
 * The access rules of one route: the shorthand keys, the PPL document and, with `defaultDeny`, the denial of everybody whose
 * client certificate is invalid or, where it is required, missing. All problems are told at once, with their places from the
 * top of the configuration.
 */
export function compilePolicy(access: AccessSettings, { defaultDeny, authorities = new Map() }: PolicyOptions): PolicyCompilation {
  const parts = collectParsed([
    parseShorthand(access),
    parsePolicy(access.policy, access.policyPath, authorities),
    parseDefaultDeny(defaultDeny),
  ]);
  if (!parts.ok) return parts;
  const tree = Object.freeze(parts.value.flat());
  const compiled = { tree, allow: compileAction(tree, 'allow'), deny: compileAction(tree, 'deny') };
  return { ok: true, policy: Object.freeze(compiled) as CompiledPolicy };
}

/** All combinations of one action are alternatives, whichever rule they stand in. */
function compileAction(tree: PolicyTree, action: Action): Evaluate {
  const combinations = tree.filter((node) => node.action === action);
  return combine(
    'or',
    combinations.map(({ evaluate }) => evaluate),
  );
}
