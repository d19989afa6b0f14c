import type { HeaderList } from '../../http/header-list.ts';
import { normalisedName } from '../../http/header-list.ts';
import { fieldName } from '../field-name.ts';
import type { HeaderPlan } from '../header-plan.ts';
import type { HeaderStep } from '../header-step.ts';
import { withoutNames } from '../without-names.ts';
import { isSpoofable } from './drop-spoofable.ts';

/** Last of all steps: nothing that runs before it can remove, double or alter what it says. */
export const addIdentity: HeaderStep = {
  name: 'add identity',
  apply(fields, { vouched: { identity }, plan }) {
    if (identity.length === 0) return fields;
    const rivals = namesThatMayStand(identity, plan);
    const kept = rivals === undefined ? fields : withoutNames(fields, rivals);
    kept.push(...identity);
    return kept;
  },
};

/** Names of identity headers, in lower case, that the steps before may have let through from a client or a route's edits; usually none. */
function namesThatMayStand(identity: HeaderList, plan: HeaderPlan): ReadonlySet<string> | undefined {
  const known = rivalsOf(plan);
  let rivals: Set<string> | undefined;
  for (let index = 0; index < identity.length; index += 2) {
    const name = identity[index] ?? '';
    let mayStand = known.get(name);
    if (mayStand === undefined) {
      mayStand = mayHavePassed(name, plan);
      known.set(name, mayStand);
    }
    if (mayStand) rivals = (rivals ?? new Set<string>()).add(name.toLowerCase());
  }
  return rivals;
}

function mayHavePassed(name: string, { set, dropNames }: HeaderPlan): boolean {
  return set.length > 0 || !(isSpoofable(fieldName(name).plain) || dropNames.has(normalisedName(name)));
}

// The names come from the configuration, not from clients: there are few of them.
const rivalsByPlan = new WeakMap<HeaderPlan, Map<string, boolean>>();

function rivalsOf(plan: HeaderPlan): Map<string, boolean> {
  const known = rivalsByPlan.get(plan);
  if (known !== undefined) return known;
  const made = new Map<string, boolean>();
  rivalsByPlan.set(plan, made);
  return made;
}
