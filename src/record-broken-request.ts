import type { Connection } from './http/connection.ts';
import type { Program } from './program.ts';

/** Logs what the HTTP/1.1 parser refused, or waited for too long: there was never a request, so there is no line of one. */
export function recordBrokenRequest(connection: Connection, status: number, reason: string, { log }: Program): void {
  const { remoteAddress, sniRaw } = connection;
  log.warn({ status, reason, remote_address: remoteAddress, sni: sniRaw ?? null }, 'A request could not be read');
}
