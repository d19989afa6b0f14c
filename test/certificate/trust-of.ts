import type { CaBundle } from '../../src/certificate/ca-bundle.ts';
import { readCaBundle } from '../../src/certificate/ca-bundle.ts';
import type { CertificateTrust, TrustRules } from '../../src/certificate/certificate-trust.ts';
import { buildTrust } from '../../src/certificate/certificate-trust.ts';
import type { CrlBundle } from '../../src/certificate/crl-bundle.ts';
import { readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { at } from './frozen-times.ts';

export function bundleOf(anchors: readonly Issued[]): CaBundle {
  const text = anchors.map(({ certificatePem }) => certificatePem).join('');
  // At a time when all of them are valid: an anchor that has expired since must be handled by the judge.
  const read = readCaBundle({ text, label: 'ca.pem', path: [] }, Date.parse('2025-06-01'));
  if (!read.ok) throw new Error(read.message);
  return read.bundle;
}

/** Lists that have to be in order; the authorities that they may be of. */
export function crlsOf(text: string, anchors: readonly Issued[]): CrlBundle {
  const read = readCrlBundle({ text, label: 'crl.pem', path: [] }, [bundleOf(anchors)], at);
  if (!read.ok) throw new Error(read.message);
  return read.crls;
}

/** Any depth, no lists and any names, unless the rules say otherwise. */
export function trustOf(anchors: readonly Issued[], rules: Partial<TrustRules> = {}): CertificateTrust {
  return buildTrust(bundleOf(anchors), { maxVerifyDepth: 0, crls: undefined, subjectAltNames: undefined, ...rules });
}
