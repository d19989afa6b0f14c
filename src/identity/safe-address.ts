import { ProxyFailure } from '../http/proxy-failure.ts';

const loopbackName = /^(?:.+\.)?localhost$/;
const loopbackAddress = /^127(?:\.\d{1,3}){3}$/;

/** Whether a host, as `URL` writes it, is the machine itself. */
export function isLoopback(hostname: string): boolean {
  return loopbackName.test(hostname) || loopbackAddress.test(hostname) || hostname === '[::1]';
}

/**
 * An address that an issuer's documents name. What goes there in the clear can be read on the way, and what comes from there be anybody's: only
 * one on this machine may do without TLS. Throws a `ProxyFailure` for every other, which says that `doing` is impossible.
 */
export function safeAddress(text: unknown, doing: string): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))) return url;
  throw new ProxyFailure('provider-refused', `Cannot ${doing}: it is not at an https:// address`);
}
