import type { Server } from 'node:tls';
import { createServer, TLSSocket } from 'node:tls';
import type { TlsGroupId } from '../http/connection.ts';
import { parseHostname } from '../http/hostname.ts';
import type { TlsGroup, TlsGroups } from './tls-groups.ts';
import { contextOptions, ticketOptions } from './tls-options.ts';

export interface GroupServerEvents {
  readonly groups: () => TlsGroups;
  /** Undefined: each server makes ticket keys of its own, and no other process knows them. */
  readonly ticketSeed?: Uint8Array | undefined;
  readonly handshakeMs: number;
  /** The handshake has begun: Node's socket exists, its peer is still there to be asked for its address. */
  onStart(socket: TLSSocket): void;
  onSecure(socket: TLSSocket): void;
  onFailure(socket: TLSSocket, error: Error): void;
}

export interface GroupServers {
  /** The TLS server of a group: it never listens, sockets are handed to it with `emit('connection')`. */
  serverOf(group: TlsGroup): Server;
}

/**
 * One TLS server for each group, made when first needed. Each has ticket keys of its own: with one server for all, a session obtained at
 * a host of one CA resumes at a host of another without a certificate, and Node calls it authorized (as nginx did, CVE-2025-23419).
 */
export function createGroupServers(events: GroupServerEvents): GroupServers {
  const servers = new Map<TlsGroupId, Server>();
  let built = events.groups();

  function forgetUnused(groups: TlsGroups): void {
    built = groups;
    const used = new Set([groups.groupFor(undefined).id, ...groups.describe().map((row) => row.group)]);
    for (const id of servers.keys()) if (!used.has(id)) servers.delete(id);
  }

  return {
    serverOf(group) {
      const groups = events.groups();
      if (groups !== built) forgetUnused(groups);
      const server = servers.get(group.id) ?? openServer(group, events);
      servers.set(group.id, server);
      return server;
    },
  };
}

function openServer(group: TlsGroup, events: GroupServerEvents): Server {
  const server = createServer({
    ...contextOptions(group, events.groups().fallback),
    ...ticketOptions(group, events.ticketSeed),
    requestCert: group.asks,
    // A TLS layer that knows no authority would reject everybody: our own judge is asked instead, before a byte is read.
    rejectUnauthorized: group.requires && group.namesAuthorities,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: events.handshakeMs,
    // Chooses the certificate only. Who is asked for what was settled by our own reading of the ClientHello.
    SNICallback(this: unknown, name: string, done: (error: Error | null, context?: ReturnType<TlsGroups['secureContextFor']>) => void) {
      if (this instanceof TLSSocket) events.onStart(this);
      done(null, events.groups().secureContextFor(group, parseHostname(name)));
    },
  });
  server.on('secureConnection', (socket) => events.onSecure(socket));
  server.on('tlsClientError', (error, socket) => events.onFailure(socket, error));
  return server;
}
