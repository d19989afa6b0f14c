import type { HeaderList } from '../http/header-list.ts';
import { rememberNames } from '../http/remember-names.ts';
import { fieldName } from './field-name.ts';
import type { ResponseHeadersInput } from './response-steps.ts';
import { responseSteps } from './response-steps.ts';
import { dropped, stepBits } from './step-bits.ts';

/** The headers of an answer as the client gets them; framing but for `Content-Length` is left to the sink. */
export function responseHeaders(input: ResponseHeadersInput): HeaderList {
  const { upstream } = input;
  let fields: string[] = [];
  let awake = steps.always;
  for (let index = 0; index + 1 < upstream.length; index += 2) {
    const name = upstream[index];
    const value = upstream[index + 1];
    if (name === undefined || value === undefined) continue;
    const verdict = verdictOf(name);
    awake |= verdict;
    if ((verdict & dropped) === 0) fields.push(name, value);
  }
  for (const { bit, apply } of steps.applied) if ((awake & bit) !== 0) fields = apply(fields, input);
  return fields;
}

const steps = stepBits(responseSteps);

/**
 * Fields that come beside the head of an answer, in a 1xx or as trailers, without those that say how to read, route or allow
 * it (RFC 9110 section 6.5.1): where they stand, nobody judges them.
 */
export function sideHeaders(fields: HeaderList): HeaderList {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = [fields[index], fields[index + 1]];
    if (name === undefined || value === undefined) continue;
    if ((verdictOf(name) & dropped) === 0 && !onlyInHead.has(fieldName(name).plain)) kept.push(name, value);
  }
  return kept;
}

/** By name as the upstream spelt it: whether its field is dropped, and the bits of the steps that look for it. */
const verdictOf = rememberNames((name) => {
  const field = fieldName(name);
  const isDropped = responseSteps.some((step) => step.drops?.(field) ?? false);
  return steps.wokenBy(field.lower) | (isDropped ? dropped : 0);
});

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
