import { rememberNames } from '../http/remember-names.ts';
import { fieldName } from './field-name.ts';
import type { HeaderPlan } from './header-plan.ts';
import type { FieldName, RequestHeadersInput } from './header-step.ts';
import { requestSteps } from './request-steps.ts';
import { dropped, stepBits } from './step-bits.ts';

/**
 * Every header as it is sent to the upstream, `Host` included, the framing of a body excepted. Each name of ours appears at
 * most once. The same list is made for a request and for an upgrade, so that neither is a way around the other.
 */
export function requestHeaders(input: RequestHeadersInput): string[] {
  const { headers } = input.inbound;
  const verdictOf = verdictsOf(input.plan);
  let fields: string[] = [];
  let awake = steps.always;
  // One pass over what the client sent; the names of usual clients repeat, so nearly every field costs one look-up.
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    const value = headers[index + 1];
    if (name === undefined || value === undefined) continue;
    const verdict = verdictOf(name);
    awake |= verdict;
    if ((verdict & dropped) === 0) fields.push(name, value);
  }
  for (const { bit, apply } of steps.applied) if ((awake & bit) !== 0) fields = apply(fields, input);
  return fields;
}

const steps = stepBits(requestSteps);

/** What becomes of a field because of its name: `dropped`, and the bits of the steps that look for it. */
type Verdict = number;

const verdictsByPlan = new WeakMap<HeaderPlan, (name: string) => Verdict>();

function verdictsOf(plan: HeaderPlan): (name: string) => Verdict {
  const known = verdictsByPlan.get(plan);
  if (known !== undefined) return known;
  const made = rememberNames((name) => judgeName(name, plan));
  verdictsByPlan.set(plan, made);
  return made;
}

function judgeName(name: string, plan: HeaderPlan): Verdict {
  const field: FieldName = fieldName(name);
  const isDropped = requestSteps.some((step) => step.drops?.(field, plan) ?? false);
  return steps.wokenBy(field.lower) | (isDropped ? dropped : 0);
}
