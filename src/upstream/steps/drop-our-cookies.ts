import { withoutCookies } from '../../http/cookies.ts';
import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep, RequestHeadersInput } from '../header-step.ts';

/** An upstream that saw the session cookie could use it elsewhere. What is left travels in one field (RFC 9113 section 8.2.3). */
export const dropOurCookies: HeaderStep = {
  name: 'drop our cookies',
  drops: ({ plain }) => plain === 'cookie',
  wakes: 'cookie',
  apply(fields, input) {
    const kept = foreignCookies(input);
    if (kept !== undefined) fields.push('Cookie', kept);
    return fields;
  },
};

/** The client's cookies that are none of ours; undefined when there are none. */
export function foreignCookies({ inbound, plan }: Pick<RequestHeadersInput, 'inbound' | 'plan'>): string | undefined {
  const values = headerValues(inbound.headers, 'cookie');
  if (values.length === 0) return undefined;
  return withoutCookies(values.length === 1 ? (values[0] ?? '') : values.join('; '), plan.isOurCookie);
}
