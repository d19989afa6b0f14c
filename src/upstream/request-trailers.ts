import type { HeaderList } from '../http/header-list.ts';
import { headerValues, isFieldName, isFieldValue } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import { fieldName } from './field-name.ts';
import type { HeaderPlan } from './header-plan.ts';
import { requestSteps } from './request-steps.ts';
import { connectionOptions } from './steps/drop-hop-by-hop.ts';

/**
 * The trailers of a request that go on: none that could not come as a header either, and none that says how to read, route or allow
 * a request (RFC 9110 section 6.5.1). Upstreams merge trailers into the headers they show, and nobody judged these.
 */
export function requestTrailers(inbound: Pick<Inbound, 'headers'>, plan: HeaderPlan, trailers: HeaderList): HeaderList {
  const kept: string[] = [];
  for (let index = 0; index + 1 < trailers.length; index += 2) {
    const [name, value] = [trailers[index], trailers[index + 1]];
    if (name !== undefined && value !== undefined && isFieldValue(value) && mayTrail(inbound, plan, name)) kept.push(name, value);
  }
  return kept;
}

/** The names that the client's `Trailer` announces and that may come, each once. */
export function announcedTrailers(inbound: Pick<Inbound, 'headers'>, plan: HeaderPlan): readonly string[] {
  const values = headerValues(inbound.headers, 'trailer');
  if (values.length === 0) return values;
  const names = values.flatMap((value) => value.split(',').map((name) => name.trim()));
  return [...new Set(names)].filter((name) => mayTrail(inbound, plan, name)).slice(0, mostAnnounced);
}

const mostAnnounced = 100;

function mayTrail({ headers }: Pick<Inbound, 'headers'>, plan: HeaderPlan, name: string): boolean {
  const field = fieldName(name);
  if (!isFieldName(name) || onlyInHead.has(field.plain) || field.plain.startsWith('if-')) return false;
  // What the operator sets or removes is settled, wherever and however a client spells it.
  if ([...plan.remove, ...plan.set.map(([set]) => set)].some((settled) => fieldName(settled).plain === field.plain)) return false;
  if (connectionOptions(headers)?.has(field.lower) === true) return false;
  return !requestSteps.some((step) => step.drops?.(field, plan) ?? false);
}

/** By plain name. */
const onlyInHead: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'content-range',
  'content-type',
  'max-forwards',
  'origin',
  'pragma',
  'range',
  'referer',
  'set-cookie',
  'user-agent',
]);
