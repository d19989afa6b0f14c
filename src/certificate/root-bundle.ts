import type { NamedText } from '../config/settings.ts';
import { parseCertificate } from './parse-certificate.ts';
import { readPem } from './read-pem.ts';

export type RootBundleResult =
  /** Each certificate of the text as one PEM block, in its order; at least one. */
  { readonly ok: true; readonly authorities: readonly string[] } | { readonly ok: false; readonly message: string };

/**
 * Reads what a server is to be judged by, whole or not at all: OpenSSL skips blocks that it can't parse, and takes an empty text for the
 * public roots. Unlike a client CA it may hold a server's own certificate; whether one has expired is seen by each connection.
 */
export function readRootBundle({ text, label }: NamedText): RootBundleResult {
  const refuse = (problem: string): RootBundleResult => ({ ok: false, message: `Cannot trust "${label}": ${problem}` });
  const blocks = readPem(text);
  if (text.trim() === '') return refuse('it is empty, expected at least one PEM block "CERTIFICATE"');
  if (blocks.length === 0) return refuse('it holds no PEM block, expected at least one "CERTIFICATE"');
  const authorities = new Set<string>();
  for (const [index, { label: kind, der }] of blocks.entries()) {
    const block = `block ${index + 1} of ${blocks.length}`;
    if (kind.includes('PRIVATE KEY')) return refuse(`${block} is a private key, which does not belong here: write certificates only`);
    if (der === undefined)
      return refuse(`${block} ("${kind}") is damaged: expected "-----BEGIN CERTIFICATE-----", base64, and the matching END line`);
    if (kind !== 'CERTIFICATE') return refuse(`${block} is a "${kind}", expected "CERTIFICATE"`);
    const pem = parseCertificate(der)?.toString();
    if (pem === undefined) return refuse(`${block} cannot be read as a certificate, remove it or write it anew`);
    authorities.add(pem);
  }
  return { ok: true, authorities: [...authorities] };
}
