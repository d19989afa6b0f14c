import type { HeaderStep } from '../header-step.ts';

/** The one case in which a request names a protocol to switch to, said in our own words (CVE-2026-1527: never in the client's). */
export const frameUpgrade: HeaderStep = {
  name: 'frame upgrade',
  apply(fields, { forUpgrade, inbound }) {
    if (forUpgrade) fields.push('Connection', 'Upgrade', 'Upgrade', inbound.upgrade === 'spdy/3.1' ? 'SPDY/3.1' : 'websocket');
    return fields;
  },
};
