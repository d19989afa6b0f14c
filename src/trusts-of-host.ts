import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { Hostname } from './http/hostname.ts';
import type { Snapshot } from './snapshot.ts';

/** By what the routes of a host judge certificates, each once: for what is decided where there is no path, about a connection as a whole. */
export function trustsOfHost(hostname: Hostname, { hosts }: Pick<Snapshot, 'hosts'>): readonly CertificateTrust[] {
  return [...new Set(hosts.match(hostname).flatMap(({ trust }) => trust ?? []))];
}
