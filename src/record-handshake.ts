import type { HandshakeOutcome } from './listener/listener-handlers.ts';
import type { Program } from './program.ts';

/**
 * Counts every handshake and logs those that failed, in every mode: whoever is kept out at the door never reaches the line of
 * a request, and the operator is asked why all the same.
 */
export function recordHandshake(outcome: HandshakeOutcome, { log, metrics }: Program): void {
  const { result, reason, remoteAddress, sniRaw, group, connection } = outcome;
  metrics.handshake(group ?? 'none', result);
  if (result === 'ok') return;
  const leaf = connection?.certificate.kind === 'presented' ? connection.certificate.leaf : undefined;
  const fields = {
    result,
    reason: reason ?? null,
    remote_address: remoteAddress,
    sni: sniRaw ?? null,
    subject: leaf?.subject ?? null,
    client_certificate_sha256: leaf?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
  };
  log.warn(fields, 'A TLS handshake was not completed');
}
