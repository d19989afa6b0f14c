import type { Inbound } from '../http/inbound.ts';

/** The https origin that a request was made to, from its canonical authority; the usual port is left out. */
export function ownOrigin({ authority: { hostname, port } }: Inbound): string {
  return port === undefined || port === 443 ? `https://${hostname}` : `https://${hostname}:${port}`;
}
