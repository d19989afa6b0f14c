import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep, RequestHeadersInput } from '../header-step.ts';

/** Credentials for Postern itself; those for the application pass. `X-Pomerium-Authorization` goes with its prefix, in `drop spoofable`. */
export const dropOurCredentials: HeaderStep = {
  name: 'drop our credentials',
  drops: ({ plain }) => plain === 'authorization',
  wakes: 'authorization',
  apply(fields, input) {
    const kept = foreignCredentials(input);
    if (kept !== undefined) fields.push('Authorization', kept);
    return fields;
  },
};

/** The client's credentials when they are for the application, and when the application may be told of any. */
export function foreignCredentials({ inbound, plan }: Pick<RequestHeadersInput, 'inbound' | 'plan'>): string | undefined {
  if (plan.dropNames.has('authorization')) return undefined;
  // Two are refused at the door; here the first would be a guess about which one the upstream reads.
  const [value, ...more] = headerValues(inbound.headers, 'authorization');
  return value === undefined || more.length > 0 || isOurs.test(value) ? undefined : value;
}

const isOurs = /^\s*(?:pomerium(?:[\s-]|$)|bearer\s+pomerium-)/i;
