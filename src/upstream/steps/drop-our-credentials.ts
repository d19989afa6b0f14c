import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep } from '../header-step.ts';

/** Credentials for Postern itself; those for the application pass. `X-Pomerium-Authorization` goes with its prefix, in `drop spoofable`. */
export const dropOurCredentials: HeaderStep = {
  name: 'drop our credentials',
  drops: ({ plain }) => plain === 'authorization',
  apply(fields, { inbound }) {
    const values = headerValues(inbound.headers, 'authorization');
    // Two are refused at the door; here the first would be a guess about which one the upstream reads.
    const [value] = values;
    if (value !== undefined && values.length === 1 && !isOurs.test(value)) fields.push('Authorization', value);
    return fields;
  },
};

const isOurs = /^\s*(?:pomerium(?:\s|$)|bearer\s+pomerium-)/i;
