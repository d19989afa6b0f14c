import type { IncomingMessage, Server } from 'node:http';
import { nodeHttp } from '../http/node-http.ts';
import type { ListenerLimits } from './listener-limits.ts';

/**
 * Node's parser of HTTP/1.1 as a server that never listens: it is handed sockets by the event 'connection'. So the check behind
 * `headersTimeout` is started by hand; Node starts it with 'listening'.
 */
export function openHttp1Parser(limits: ListenerLimits, isUpgrade: (request: IncomingMessage) => boolean): Server {
  const server = nodeHttp.createServer({
    headersTimeout: limits.headMs,
    // Bounds the whole request, uploads included; the body has its own limit, of silence.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headBytes,
    // Ours answers with a page and a line in the log.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: isUpgrade,
  });
  // Fields beyond it are dropped in silence: one more than allowed must be seen to be refused, and `Host` is not counted.
  server.maxHeadersCount = limits.headFields + 2;
  server.emit('listening');
  return server;
}
