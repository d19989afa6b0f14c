import type { ForwardedForSettings } from '../config/settings.ts';
import { headerValues } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';

/**
 * What the visitor sees in front of the host: that of the connection, unless proxies in front are believed and say otherwise in the one
 * `X-Forwarded-Proto`.
 */
export function visitorScheme(
  { headers, connection }: Pick<Inbound, 'headers' | 'connection'>,
  { trustedHops }: Pick<ForwardedForSettings, 'trustedHops'>,
): 'http' | 'https' {
  if (trustedHops === 0) return connection.scheme;
  const [told, ...more] = headerValues(headers, 'x-forwarded-proto');
  return more.length === 0 && (told === 'http' || told === 'https') ? told : connection.scheme;
}
