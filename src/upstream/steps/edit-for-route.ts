import { isFieldName, normalisedName } from '../../http/header-list.ts';
import { clientHeader } from '../client-header.ts';
import { fieldName } from '../field-name.ts';
import type { HeaderPlan } from '../header-plan.ts';
import type { HeaderStep } from '../header-step.ts';
import type { HeaderTemplate, TemplateValues } from '../header-template.ts';
import { fillHeaderTemplate, parseHeaderTemplate } from '../header-template.ts';
import { withoutNames } from '../without-names.ts';
import { isHopByHop } from './drop-hop-by-hop.ts';

/** The operator's edits. `remove` wins over `set`, as it does in Pomerium, whose documentation says the opposite. */
export const editForRoute: HeaderStep = {
  name: 'edit for route',
  apply(fields, input) {
    const { plan, vouched } = input;
    if (plan.set.length === 0 && plan.remove.size === 0) return fields;
    const { replaced, added } = editsOf(plan);
    const kept = withoutNames(fields, replaced);
    // What the client sent, not what is left of it: an edit may move a value from one name to another.
    const values: TemplateValues = {
      token: (name) => vouched.token(name),
      requestHeader: (lowerName) => clientHeader(input, lowerName),
    };
    for (const [name, template] of added) kept.push(name, fillHeaderTemplate(template, values));
    return kept;
  },
};

/**
 * Whether a route may set or remove a header. Not those that frame a message or say who asks (`X-Pomerium-*`): an edit there
 * would undo what the proxy vouches for. Whoever compiles a route refuses such names; an edit of one is skipped.
 */
export function isRouteEditable(name: string): boolean {
  const { plain } = fieldName(name);
  return isFieldName(name) && !isHopByHop(plain) && !plain.startsWith('x-pomerium');
}

interface Edits {
  /** In lower case. */
  readonly replaced: ReadonlySet<string>;
  readonly added: readonly (readonly [name: string, value: HeaderTemplate])[];
}

const editsByPlan = new WeakMap<HeaderPlan, Edits>();

function editsOf(plan: HeaderPlan): Edits {
  const known = editsByPlan.get(plan);
  if (known !== undefined) return known;
  const edits = compileEdits(plan);
  editsByPlan.set(plan, edits);
  return edits;
}

function compileEdits(plan: HeaderPlan): Edits {
  const mayEdit = (name: string): boolean => isRouteEditable(name) && !plan.dropNames.has(normalisedName(name));
  const removed = new Set([...plan.remove].filter(mayEdit));
  // By lower-case name, so that two spellings of one name are set once; the last one counts.
  const set = new Map<string, readonly [string, HeaderTemplate]>();
  for (const [name, value] of plan.set) {
    if (mayEdit(name) && !removed.has(name.toLowerCase())) set.set(name.toLowerCase(), [name, parseHeaderTemplate(value)]);
  }
  return { replaced: new Set([...removed, ...set.keys()]), added: [...set.values()] };
}
