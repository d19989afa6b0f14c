import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { NamedText } from '../config/settings.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { certificateFacts } from './certificate-facts.ts';
import { parseCertificate } from './parse-certificate.ts';
import type { PemBlock } from './read-pem.ts';
import { readPem } from './read-pem.ts';

/** The authorities of one `client_ca` file: an explicit list of anchors, each known by its key and bytes, never by its name. */
export interface CaBundle {
  /** In the order of the file, each certificate once; at least one. */
  readonly anchors: readonly Anchor[];
  /** SHA-256 over the sorted fingerprints, lower hex: equal for equal sets, whatever the order. */
  readonly id: string;
}

export interface Anchor {
  readonly certificate: X509Certificate;
  /** One block, without the text that stood around it. */
  readonly pem: string;
  /** SHA-256 of the DER, lower hex. */
  readonly sha256: string;
  /** The DER of the subject: the name that a server sends as one of the authorities it accepts. */
  readonly subjectRaw: Buffer;
  readonly facts: CertificateFacts;
}

export type CaBundleResult =
  | { readonly ok: true; readonly bundle: CaBundle; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Reads a bundle whole or not at all. OpenSSL skips what it can't parse, and a server left with fewer authorities than its
 * operator wrote, or with none, has failed open before (Caddy CVE-2026-27586, Traefik CVE-2022-46153). `at` in milliseconds since 1970.
 */
export function readCaBundle(text: NamedText, at: number): CaBundleResult {
  const refuse = (problem: string): CaBundleResult => ({ ok: false, message: `Cannot use "${text.label}" as client CA: ${problem}` });
  const blocks = readPem(text.text);
  if (text.text.trim() === '') return refuse('it is empty, expected at least one PEM block "CERTIFICATE"');
  if (blocks.length === 0) return refuse('it holds no PEM block, expected at least one "CERTIFICATE"');

  const anchors = new Map<string, Anchor>();
  for (const [index, block] of blocks.entries()) {
    const anchor = readAnchor(block);
    if (typeof anchor === 'string') return refuse(`block ${index + 1} of ${blocks.length} ${anchor}`);
    anchors.set(anchor.sha256, anchor);
  }
  const list = [...anchors.values()];
  if (list.every(({ facts }) => at > facts.notAfter))
    return refuse(`every authority in it has expired (${list.map(describe).join('; ')}), write one that is still valid`);
  return {
    ok: true,
    bundle: { anchors: list, id: bundleId([...anchors.keys()]) },
    warnings: list.flatMap((anchor) => unusable(anchor, at)).map((problem) => `Client CA "${text.label}": ${problem}`),
  };
}

/** Every anchor of all of them, once. */
export function uniteBundles(bundles: readonly CaBundle[]): CaBundle {
  const anchors = new Map(bundles.flatMap((bundle) => bundle.anchors).map((anchor) => [anchor.sha256, anchor]));
  return { anchors: [...anchors.values()], id: bundleId([...anchors.keys()]) };
}

/** Why the block is no anchor, continuing "block 1 of 2 …", or the anchor. */
function readAnchor({ label, der }: PemBlock): Anchor | string {
  if (label.includes('PRIVATE KEY')) return 'is a private key, which does not belong here: write certificates of authorities only';
  if (der === undefined) return `("${label}") is damaged: expected "-----BEGIN CERTIFICATE-----", base64, and the matching END line`;
  if (label !== 'CERTIFICATE') return `is a "${label}", expected "CERTIFICATE"`;
  const certificate = parseCertificate(der);
  const facts = certificate === undefined ? undefined : certificateFacts(certificate);
  if (certificate === undefined || facts === undefined) return 'cannot be read as a certificate, remove it or write it anew';
  if (!facts.isCa) return `("${facts.subject}") is no authority (CA:FALSE): write the certificate of the authority that issued it`;
  return { certificate, pem: certificate.toString(), sha256: facts.sha256, subjectRaw: facts.subjectRaw, facts };
}

function bundleId(fingerprints: readonly string[]): string {
  return createHash('sha256').update(fingerprints.toSorted().join('\n')).digest('hex');
}

function unusable(anchor: Anchor, at: number): readonly string[] {
  const { facts } = anchor;
  if (at > facts.notAfter) return [`${describe(anchor)}: certificates that it issued are refused`];
  if (at < facts.notBefore) return [`"${facts.subject}" is not valid before ${isoTime(facts.notBefore)}`];
  if (facts.keyWeakness !== undefined) return [`"${facts.subject}" has ${facts.keyWeakness}: certificates that it issued are refused`];
  return [];
}

function describe({ facts }: Anchor): string {
  return `"${facts.subject}" expired at ${isoTime(facts.notAfter)}`;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
