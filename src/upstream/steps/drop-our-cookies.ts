import { withoutCookies } from '../../http/cookies.ts';
import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep } from '../header-step.ts';

/** An upstream that saw the session cookie could use it elsewhere. What is left travels in one field (RFC 9113 section 8.2.3). */
export const dropOurCookies: HeaderStep = {
  name: 'drop our cookies',
  drops: ({ plain }) => plain === 'cookie',
  apply(fields, { inbound, plan }) {
    const values = headerValues(inbound.headers, 'cookie');
    if (values.length === 0) return fields;
    const kept = withoutCookies(values.length === 1 ? (values[0] ?? '') : values.join('; '), plan.isOurCookie);
    if (kept !== undefined) fields.push('Cookie', kept);
    return fields;
  },
};
