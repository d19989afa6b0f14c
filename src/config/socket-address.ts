import { isIP } from 'node:net';
import type { SocketAddress } from './settings.ts';

const shape = /^(?:\[([^\]]*)\]|([^[\]:]*)):([0-9]{1,5})$/;

/**
 * Reads `host:port` as Go writes it: `:443`, `127.0.0.1:9090`, `[::1]:443`. Undefined for anything else, host names
 * included: which address a name means would be decided by a resolver at start. `localhost` alone means the same everywhere (RFC 6761
 * section 6.3). Port 0 lets the system choose.
 */
export function parseSocketAddress(text: string): SocketAddress | undefined {
  const [, bracketed, plain, digits = ''] = shape.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  if (plain?.toLowerCase() === 'localhost') return { host: '127.0.0.1', port };
  if (plain === undefined || (plain !== '' && isIP(plain) !== 4)) return undefined;
  return { host: plain, port };
}
