import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Hostname } from '../http/hostname.ts';
import { parseHostname } from '../http/hostname.ts';

export interface ServerCertificate {
  /** Leaf first, then what the client needs to build its path. */
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface NamedServerCertificate extends ServerCertificate {
  /** What an error calls it. */
  readonly label: string;
}

/** `certificate` is the index in the list. */
export interface CertificateProblem {
  readonly certificate: number;
  readonly message: string;
}

export interface ServerCertificates {
  /** The index of the certificate for a host: the first with its very name, else the first with a wildcard for its last labels. */
  choose(hostname: Hostname | undefined): number | undefined;
}

export type ServerCertificatesResult =
  | { readonly ok: true; readonly chooser: ServerCertificates }
  | { readonly ok: false; readonly problems: readonly CertificateProblem[] };

/** Proves every pair and indexes it by its subject alternative names. A common name is not looked at (RFC 9525 section 2). */
export function readServerCertificates(pairs: readonly NamedServerCertificate[]): ServerCertificatesResult {
  const problems: CertificateProblem[] = [];
  const byName = new Map<string, number>();
  for (const [index, pair] of pairs.entries()) {
    const message = pairFault(pair);
    if (message !== undefined) problems.push({ certificate: index, message });
    else for (const name of alternativeNames(pair.certificatePem)) if (!byName.has(name)) byName.set(name, index);
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, chooser: { choose: (hostname) => (hostname === undefined ? undefined : lookUp(byName, hostname)) } };
}

function lookUp(byName: ReadonlyMap<string, number>, hostname: Hostname): number | undefined {
  const dot = hostname.indexOf('.');
  // A wildcard covers one label, as clients understand it (RFC 9525 section 6.3).
  return byName.get(hostname) ?? (dot === -1 ? undefined : byName.get(`*${hostname.slice(dot)}`));
}

function pairFault({ certificatePem, keyPem, label }: NamedServerCertificate): string | undefined {
  const doing = `Cannot use the server certificate ${label}`;
  const leaf = attempt(() => new X509Certificate(certificatePem));
  if (leaf === undefined) return `${doing}: expected a certificate in PEM`;
  const key = attempt(() => createPrivateKey(keyPem));
  if (key === undefined) return `${doing}: its key is no private key in PEM, or is encrypted; write it without a passphrase`;
  if (!leaf.checkPrivateKey(key)) return `${doing}: its key belongs to another certificate`;
  if (attempt(() => createSecureContext({ cert: certificatePem, key: keyPem })) === undefined)
    return `${doing}: OpenSSL refuses it; use an RSA key of 2048 bits or more, or an EC key, and whole PEM blocks`;
  return undefined;
}

/** OpenSSL's own texts are for programmers, and may quote what they could not read: only whether it worked is kept. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function alternativeNames(certificatePem: string): readonly string[] {
  const text = new X509Certificate(certificatePem).subjectAltName ?? '';
  const names: string[] = [];
  for (const entry of text.split(', ')) {
    // Node quotes a name that could be taken for two; such a name is no host.
    if (entry.startsWith('DNS:')) names.push(canonicalName(entry.slice('DNS:'.length)));
    else if (entry.startsWith('IP Address:')) names.push(canonicalName(bracketed(entry.slice('IP Address:'.length))));
  }
  return names;
}

function canonicalName(name: string): string {
  return name.startsWith('*.') ? `*.${parseHostname(name.slice(2)) ?? ''}` : (parseHostname(name) ?? '');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
