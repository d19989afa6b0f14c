import type { Settings, SocketAddress } from './config/settings.ts';
import { descriptorLimit } from './descriptor-limit.ts';
import { handleRefusal, handleRequest } from './handle-request.ts';
import { handleUpgrade } from './handle-upgrade.ts';
import { limitsOfTimeouts } from './listener/limits-of-timeouts.ts';
import type { ListenerHandlers } from './listener/listener-handlers.ts';
import type { ListenerLimits } from './listener/listener-limits.ts';
import type { Listener } from './listener/open-listener.ts';
import { openListener } from './listener/open-listener.ts';
import type { Metrics } from './observe/metrics.ts';
import { createOccasionalWarning } from './observe/occasional-warning.ts';
import type { OverloadWatch } from './overload-watch.ts';
import type { Program } from './program.ts';
import { recordBrokenRequest } from './record-broken-request.ts';
import { recordHandshake } from './record-handshake.ts';
import { refuseHandshake } from './refuse-handshake.ts';
import { shedReason, shedRequest, shedUpgrade } from './shed-load.ts';

export interface ListenOptions {
  readonly settings: Settings;
  /** Those that differ from the listener's own. */
  readonly limits: Partial<ListenerLimits> | undefined;
  readonly overload: OverloadWatch;
  /** Where other processes listen at the same addresses. */
  readonly shared?: SharedDoors | undefined;
}

export interface SharedDoors {
  /** In place of those of the settings. */
  readonly addresses: readonly SocketAddress[];
  readonly redirectAddress: SocketAddress | undefined;
  /** Of the TLS session tickets. */
  readonly ticketSeed: Uint8Array;
}

/** Opens the doors that the settings name, and says what becomes of everything that comes in by them. */
export function listen(program: Program, { settings, limits, overload, shared }: ListenOptions): Promise<Listener> {
  return openListener({
    addresses: shared?.addresses ?? settings.address,
    reusePort: shared !== undefined,
    ticketSeed: shared?.ticketSeed,
    insecure: settings.insecureServer,
    proxyProtocol: settings.useProxyProtocol,
    redirectAddress: shared === undefined ? settings.httpRedirectAddress : shared.redirectAddress,
    limits: { ...limitsOfTimeouts(settings.timeouts), ...limits },
    connectionLimits() {
      const { connections, connectionsPerPeer } = program.current.snapshot.settings.capacity;
      return { max: connections, perPeer: connectionsPerPeer };
    },
    maxDescriptors: descriptorLimit(),
    now: program.now,
    groups: () => program.current.snapshot.groups,
    inboundRules: () => program.current.snapshot.settings.inboundRules,
    handlers: handlersOf(program, overload),
  });
}

function handlersOf(program: Program, overload: OverloadWatch): ListenerHandlers {
  const { log, metrics, current, now } = program;
  const warn = createOccasionalWarning(log, now);
  return {
    onRequest(exchange) {
      const shed = shedReason(exchange.inbound, program, overload);
      if (shed === undefined) return handleRequest(exchange, program);
      if (shed === 'requests') warn('requests', {}, 'max_requests is reached: further requests are answered 503');
      shedRequest(exchange, shed, program);
    },
    onRefusal: (refusal, sink) => handleRefusal(refusal, sink, program),
    onUpgrade(upgrade) {
      const shed = shedReason(upgrade.inbound, program, overload);
      if (shed === undefined) handleUpgrade(upgrade, program);
      else shedUpgrade(upgrade, shed, program);
    },
    onHandshake: (outcome) => recordHandshake(outcome, program),
    judgeHandshake: (connection) => refuseHandshake(connection, current.snapshot, now()),
    onFault: (error) => log.error({ error }, 'A fault was contained'),
    onBrokenRequest: (connection, status, reason) => recordBrokenRequest(connection, status, reason, program),
    onOverdue: (inbound) => log.warn({ request_id: inbound.id }, 'A request took longer than timeout_write and is cut'),
    onConnectionCount: connectionCounter(metrics),
    onConnectionRefused(reason, remoteAddress) {
      metrics.connectionRefused(reason);
      warn(`refused ${reason}`, { reason, remote_address: remoteAddress }, 'A connection was closed because there are too many');
    },
    onConnectionCut({ remoteAddress, sniRaw }, reason, detail) {
      metrics.connectionCut(reason);
      const fields = { reason, detail: detail ?? null, remote_address: remoteAddress, sni: sniRaw ?? null };
      warn(`cut ${reason}`, fields, 'An HTTP/2 connection was ended because of what came over it');
    },
  };
}

/** The listener tells how many there are; the metrics count comings and goings. */
function connectionCounter(metrics: Metrics): (open: number) => void {
  let counted = 0;
  return (open) => {
    for (; counted < open; counted += 1) metrics.connectionOpened();
    for (; counted > open; counted -= 1) metrics.connectionClosed();
  };
}
