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
  const verdicts = verdictsOf(input.plan);
  let fields: string[] = [];
  let awake = steps.always;
  // One pass over what the client sent; the names of usual clients repeat, so nearly every field costs one look-up.
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    const value = headers[index + 1];
    if (name === undefined || value === undefined) continue;
    const verdict = verdicts.get(name) ?? judgeName(verdicts, name, input.plan);
    awake |= verdict;
    if ((verdict & dropped) === 0) fields.push(name, value);
  }
  for (const { bit, apply } of steps.applied) if ((awake & bit) !== 0) fields = apply(fields, input);
  return fields;
}

const steps = stepBits(requestSteps);

/** What becomes of a field because of its name: `dropped`, and the bits of the steps that look for it. */
type Verdict = number;

function judgeName(verdicts: Map<string, Verdict>, name: string, plan: HeaderPlan): Verdict {
  const field: FieldName = fieldName(name);
  const isDropped = requestSteps.some((step) => step.drops?.(field, plan) ?? false);
  const verdict = steps.wokenBy(field.lower) | (isDropped ? dropped : 0);
  if (name.length <= longestRemembered) remember(verdicts, name, verdict);
  return verdict;
}

const verdictsByPlan = new WeakMap<HeaderPlan, Map<string, Verdict>>();
const mostRemembered = 512;
const longestRemembered = 64;

function verdictsOf(plan: HeaderPlan): Map<string, Verdict> {
  const known = verdictsByPlan.get(plan);
  if (known !== undefined) return known;
  const made = new Map<string, Verdict>();
  verdictsByPlan.set(plan, made);
  return made;
}

/** Bounded, because clients choose the names: made-up ones empty the memory now and then, and never fill the machine's. */
function remember(verdicts: Map<string, Verdict>, name: string, verdict: Verdict): void {
  if (verdicts.size >= mostRemembered) verdicts.clear();
  verdicts.set(name, verdict);
}
