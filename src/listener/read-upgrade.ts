import type { HeaderList } from '../http/header-list.ts';
import type { HeaderFault, InspectedHeaders } from './inspect-headers.ts';

interface UpgradeParts {
  readonly protocol: string;
  readonly method: string;
}

/** `token` is undefined when the request goes on as a plain one; `headers` then are without the offer. */
export interface ReadUpgrade {
  readonly token: string | undefined;
  readonly headers: HeaderList;
}

/**
 * Decides what an `Upgrade` field means. Only a whole WebSocket handshake is one, and SPDY as `kubectl exec` asks for it: a server may ignore
 * every other offer (RFC 9110 section 7.8), and one passed on untested is a tunnel past the policy (h2c smuggling).
 */
export function readUpgrade(
  { protocol, method }: UpgradeParts,
  { framing, connection, headers }: InspectedHeaders,
): ReadUpgrade | HeaderFault {
  const offer = framing.get('upgrade');
  if (offer === undefined) return { token: undefined, headers };
  const token = offer.trim().toLowerCase();
  const meant = protocol === 'http/1.1' && connection.toLowerCase().split(',').some(isUpgradeToken);
  const body = framing.has('transfer-encoding') || (framing.get('content-length') ?? '0') !== '0';
  // Behind a body the first bytes of the new protocol could be taken for the end of the old one: such an offer is ignored.
  if (meant && token === 'spdy/3.1' && (method === 'GET' || method === 'POST') && !body) return { token, headers };
  if (!meant || token !== 'websocket') return { token: undefined, headers: withoutOffer(headers) };
  if (method !== 'GET' || body || !webSocketKey.test(framing.get('sec-websocket-key') ?? ''))
    return { reason: 'upgrade-invalid', status: 400 };
  // RFC 6455 section 4.4: the answer names the version that is spoken here.
  if (framing.get('sec-websocket-version') !== '13') return { reason: 'upgrade-invalid', status: 426 };
  return { token, headers };
}

/** Sixteen bytes in base64 (RFC 6455 section 4.1). */
const webSocketKey = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

function isUpgradeToken(option: string): boolean {
  return option.trim() === 'upgrade';
}

function withoutOffer(headers: HeaderList): HeaderList {
  return headers.filter((_, index) => {
    const name = headers[index - (index % 2)]?.toLowerCase();
    return name !== 'upgrade' && name !== 'http2-settings';
  });
}
