import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { Connection } from './http/connection.ts';
import type { Program } from './program.ts';
import type { Snapshot } from './snapshot.ts';
import { trustsOfHost } from './trusts-of-host.ts';

export interface ConnectionWatchOptions {
  readonly program: Pick<Program, 'current' | 'log' | 'now'>;
  /** Ends the connections that are over, as gently as each can be ended; answers how many. */
  readonly endConnections: (isOver: (connection: Connection) => boolean) => number;
  readonly everyMs: number;
}

/**
 * Ends connections whose certificate was revoked, idle ones included: requests are judged one by one, but a client that keeps its connection
 * would never be asked for another certificate. What is under way on them ends by itself, within the same time.
 */
export function endRevokedConnections({ program, endConnections, everyMs }: ConnectionWatchOptions): Disposable {
  const look = (): void => {
    try {
      const { snapshot } = program.current;
      const at = program.now();
      const ended = endConnections((connection) => isRevoked(connection, snapshot, at));
      if (ended > 0) program.log.info({ connections: ended }, 'Connections are ended: their client certificates were revoked');
    } catch (error) {
      program.log.error({ error }, 'Connections could not be looked through for revoked certificates');
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** By every set of authorities that the connection was opened for: where one of them still takes the certificate, it serves on. */
function isRevoked({ hostname, certificate }: Connection, snapshot: Snapshot, at: number): boolean {
  if (certificate.kind === 'none' || hostname === undefined) return false;
  const trusts = trustsOfHost(hostname, snapshot);
  if (trusts.length === 0) return false;
  const verdicts = trusts.map((trust) => judgeCertificate(certificate, trust, at));
  return verdicts.every((verdict) => verdict.kind === 'invalid' && verdict.detail === 'revoked');
}
