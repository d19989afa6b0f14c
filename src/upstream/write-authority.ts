import type { Authority } from '../http/hostname.ts';

/** `host[:port]` in canonical form: what was routed and judged, not another spelling of it. */
export function writeAuthority({ hostname, port }: Authority): string {
  return port === undefined ? hostname : `${hostname}:${port}`;
}
