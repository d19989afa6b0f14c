import { fieldName } from './field-name.ts';
import type { HeaderPlan } from './header-plan.ts';
import type { RequestHeadersInput } from './header-step.ts';
import { requestSteps } from './request-steps.ts';

/**
 * Every header as it is sent to the upstream, `Host` included, the framing of a body excepted. Each name of ours appears at
 * most once. The same list is made for a request and for an upgrade, so that neither is a way around the other.
 */
export function requestHeaders(input: RequestHeadersInput): string[] {
  let fields = keptFields(input);
  for (const { apply } of appliedSteps) fields = apply(fields, input);
  return fields;
}

const appliedSteps = requestSteps.flatMap(({ apply }) => (apply === undefined ? [] : [{ apply }]));

/** One pass over what the client sent; the names of usual clients repeat, so nearly every field costs one look-up. */
function keptFields({ inbound, plan }: RequestHeadersInput): string[] {
  const { headers } = inbound;
  const verdicts = verdictsOf(plan);
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    const value = headers[index + 1];
    if (name === undefined || value === undefined) continue;
    const dropped = verdicts.get(name) ?? judgeName(verdicts, name, plan);
    if (!dropped) kept.push(name, value);
  }
  return kept;
}

function judgeName(verdicts: Map<string, boolean>, name: string, plan: HeaderPlan): boolean {
  const field = fieldName(name);
  const dropped = requestSteps.some((step) => step.drops?.(field, plan) ?? false);
  if (name.length <= longestRemembered) remember(verdicts, name, dropped);
  return dropped;
}

const verdictsByPlan = new WeakMap<HeaderPlan, Map<string, boolean>>();
const mostRemembered = 512;
const longestRemembered = 64;

function verdictsOf(plan: HeaderPlan): Map<string, boolean> {
  const known = verdictsByPlan.get(plan);
  if (known !== undefined) return known;
  const made = new Map<string, boolean>();
  verdictsByPlan.set(plan, made);
  return made;
}

/** Bounded, because clients choose the names: made-up ones empty the memory now and then, and never fill the machine's. */
function remember(verdicts: Map<string, boolean>, name: string, dropped: boolean): void {
  if (verdicts.size >= mostRemembered) verdicts.clear();
  verdicts.set(name, dropped);
}
