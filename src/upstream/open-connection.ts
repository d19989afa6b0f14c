import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { EndpointTarget } from './endpoint.ts';
import { loadUndici } from './load-undici.ts';

/** Opens one connection, its TLS handshake included; `opened` is called once. */
export type OpenConnection = (opened: (error: Error | null, socket: Socket | null) => void) => void;

/**
 * How connections to an endpoint are opened, for every client that uses them: with one timeout, one TLS and one cache of its sessions.
 * `offersHttp2`: both protocols are offered in TLS, and the upstream chooses (RFC 7301).
 */
export function connectionsTo(target: EndpointTarget, connectTimeoutMs: number, offersHttp2: boolean): OpenConnection {
  const tls = target.kind === 'tls' ? target.tls : undefined;
  let connect: buildConnector.connector | undefined;
  const buildConnect = (): buildConnector.connector =>
    loadUndici().buildConnector({
      allowH2: offersHttp2,
      preferH2: true,
      timeout: connectTimeoutMs,
      ...(target.kind === 'unix' ? { socketPath: target.socketPath } : {}),
      ...tls,
    });
  const { hostname, port } = target.kind === 'unix' ? { hostname: 'localhost', port: 80 } : target;
  const options: buildConnector.Options = {
    hostname,
    host: hostname.includes(':') ? `[${hostname}]` : hostname,
    port: String(port),
    protocol: tls === undefined ? 'http:' : 'https:',
    // Left to itself, undici takes the TLS name from the `Host` it sends, which is the visitor's under `preserve_host_header`.
    servername: tls?.servername ?? '',
  };
  return (opened) => {
    try {
      connect ??= buildConnect();
    } catch (cause) {
      // Descriptors may have run out. Told like every other fault, and never before `opened` is awaited: whoever opens tries again later.
      process.nextTick(opened, new Error('The HTTP client could not be loaded', { cause }), null);
      return;
    }
    connect(options, tls === undefined ? report(opened) : keepingAlert(report(opened)));
  };
}

/** Whether the upstream chose HTTP/2 in the handshake. */
export function speaksHttp2(socket: Socket): boolean {
  return socket instanceof TLSSocket && socket.alpnProtocol === 'h2';
}

function report(opened: Parameters<OpenConnection>[0]): buildConnector.Callback {
  return (...[error, socket]) => (error === null ? opened(null, socket) : opened(error, null));
}

/**
 * In TLS 1.3 an upstream says after the handshake that it wants another certificate or none of ours. undici forgets that alert when the
 * end of the connection follows, and it would look like an answer that broke off: the connection ends with the alert instead.
 */
function keepingAlert(callback: buildConnector.Callback): buildConnector.Callback {
  return (...outcome) => {
    const [, socket] = outcome;
    socket?.once('error', () => socket.destroy());
    callback(...outcome);
  };
}
