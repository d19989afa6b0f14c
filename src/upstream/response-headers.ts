import type { HeaderList } from '../http/header-list.ts';
import { fieldName } from './field-name.ts';
import type { ResponseHeadersInput } from './response-steps.ts';
import { responseSteps } from './response-steps.ts';

/** The headers of an answer as the client gets them; framing but for `Content-Length` is left to the sink. */
export function responseHeaders(input: ResponseHeadersInput): HeaderList {
  let fields = keptFields(input.upstream);
  for (const { apply } of appliedSteps) fields = apply(fields, input);
  return fields;
}

/**
 * Fields that come beside the head of an answer, in a 1xx or as trailers, without those that say how to read, route or allow
 * it (RFC 9110 section 6.5.1): where they stand, nobody judges them.
 */
export function sideHeaders(fields: HeaderList): HeaderList {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = [fields[index], fields[index + 1]];
    if (name === undefined || value === undefined) continue;
    if (!isDroppedName(name) && !onlyInHead.has(fieldName(name).plain)) kept.push(name, value);
  }
  return kept;
}

const appliedSteps = responseSteps.flatMap(({ apply }) => (apply === undefined ? [] : [{ apply }]));

function keptFields(upstream: HeaderList): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < upstream.length; index += 2) {
    const name = upstream[index];
    const value = upstream[index + 1];
    if (name !== undefined && value !== undefined && !isDroppedName(name)) kept.push(name, value);
  }
  return kept;
}

const verdicts = new Map<string, boolean>();
const mostRemembered = 1024;

function isDroppedName(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const field = fieldName(name);
  const dropped = responseSteps.some((step) => step.drops?.(field) ?? false);
  if (verdicts.size >= mostRemembered) verdicts.clear();
  if (name.length <= 64) verdicts.set(name, dropped);
  return dropped;
}

const onlyInHead: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'location',
  'authorization',
  'www-authenticate',
  'cookie',
  'strict-transport-security',
  'cache-control',
  'expires',
  'age',
  'vary',
]);
