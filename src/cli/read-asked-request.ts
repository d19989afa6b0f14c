import type { Connection } from '../http/connection.ts';
import { parseHostname } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import type { Unserved } from '../listener/listener-refusal.ts';
import type { InboundParts } from '../listener/read-inbound.ts';
import { readInbound } from '../listener/read-inbound.ts';
import { redirectToHttps } from '../listener/redirect-to-https.ts';
import { splitHttp1Headers } from '../listener/wire-parts.ts';
import type { Snapshot } from '../snapshot.ts';
import type { AskedRequest } from './asked-request.ts';

/** Why nothing listens for such a request; undefined where something does. */
export function noListenerFor({ scheme }: Pick<AskedRequest, 'scheme'>, { settings }: Pick<Snapshot, 'settings'>): string | undefined {
  if (scheme === 'https' || settings.insecureServer || settings.httpRedirectAddress !== undefined) return undefined;
  return 'only https:// is served; http:// is with insecure_server or http_redirect_addr';
}

/** The connection that the request comes over. With `insecure_server` it is one without TLS, whatever the visitor speaks to what ends TLS in front. */
export function connectionOf({ scheme, sni, certificates, sourceIp }: AskedRequest, snapshot: Snapshot): Connection {
  const isPlain = snapshot.settings.insecureServer || scheme === 'http';
  const sniRaw = isPlain ? undefined : sni;
  const hostname = sniRaw === undefined ? undefined : parseHostname(sniRaw);
  const group = snapshot.groups.groupFor(hostname);
  const [leaf, ...chain] = isPlain ? [] : certificates;
  return {
    id: 1,
    scheme: isPlain ? 'http' : 'https',
    sniRaw,
    hostname,
    group: group.id,
    asked: group.asks,
    remoteAddress: sourceIp,
    remotePort: 0,
    tlsVersion: isPlain ? '' : 'TLSv1.3',
    resumed: false,
    certificate: leaf === undefined ? { kind: 'none' } : { kind: 'presented', leaf, chain, tlsVerdict: undefined },
  };
}

/** Reads the request with the listener's own reader, by the rules of the snapshot; without TLS it may be the listener's that redirects. */
export function readAskedRequest(question: AskedRequest, connection: Connection, { settings }: Snapshot): Inbound | Unserved {
  const { method, rawAuthority, rawTarget, headers, at } = question;
  const parts: InboundParts = {
    id: 'explain',
    receivedAt: at,
    protocol: 'http/1.1',
    method,
    rawTarget,
    connection,
    // A `Host` among the headers is a second one, as it would be on the wire.
    ...splitHttp1Headers(rawAuthority === '' ? headers : ['Host', rawAuthority, ...headers]),
  };
  const reading = readInbound(parts, settings.inboundRules);
  return connection.scheme === 'http' && !settings.insecureServer ? redirectToHttps(parts, reading) : reading;
}
