import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { Connection } from './http/connection.ts';
import type { Snapshot } from './snapshot.ts';
import { trustsOfHost } from './trusts-of-host.ts';

/**
 * `reject_connection`: why a handshake for a host that requires a certificate is refused, or undefined when it may go on. The
 * certificate has to be valid for one route of the host at least; each route judges it again against its own CAs. Hosts that
 * ask for none are not concerned, so that signing in works.
 */
export function refuseHandshake(connection: Connection, snapshot: Snapshot, at: number): string | undefined {
  const { hostname, certificate } = connection;
  if (hostname === undefined) return undefined;
  const judging = trustsOfHost(hostname, snapshot);
  if (judging.length === 0) return undefined;
  const verdicts = judging.map((trust) => judgeCertificate(certificate, trust, at));
  // Nobody is asked in the middle of a handshake: what an authority has to say is waited for by the first request.
  if (verdicts.some((verdict) => verdict.kind === 'valid' || (verdict.kind === 'invalid' && verdict.unasked !== undefined)))
    return undefined;
  const first = verdicts[0];
  return first?.kind === 'invalid' ? `${first.detail}: ${first.explanation}` : 'no client certificate was presented';
}
