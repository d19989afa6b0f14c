import { isIPv4 } from 'node:net';
import { writePath } from '../config/problem.ts';
import type { Finding, LintSubject } from './finding.ts';

/** Routes of addresses that want a certificate: the server name of a handshake is no address (RFC 6066 section 3), so nobody is asked. */
export function checkAsking({ settings: { insecureServer, acceptedCertificates }, routes }: LintSubject): readonly Finding[] {
  // Certificates that a proxy in front tells of are asked for by that proxy.
  if (insecureServer || acceptedCertificates.length > 0) return [];
  return routes
    .filter(({ settings: { host }, trust }) => trust !== undefined && (isIPv4(host) || host.startsWith('[')))
    .map(({ settings: { path, host } }): Finding => ({
      code: 'unreachable-route',
      path: [...path, 'from'],
      message: `No request reaches ${writePath(path)}: it looks at client certificates, and nobody is asked for one at ${host}, because handshakes name no addresses; give it a host name, or write client_certificate_mode: none`,
    }));
}
