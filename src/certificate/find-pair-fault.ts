import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { CertificatePair } from '../config/settings.ts';
import type { SettingPath } from '../config/problem.ts';
import { readPem } from './read-pem.ts';

export interface PairFault {
  readonly path: SettingPath;
  readonly message: string;
}

/** Why a certificate that Postern is to present, or its key, can't be used; undefined when both can. A chain may follow the certificate. */
export function findPairFault({ certificate, key }: CertificatePair): PairFault | undefined {
  const fault = (of: CertificatePair['key'], problem: string): PairFault => ({
    path: of.path,
    message: `Cannot present the certificate "${certificate.label}": ${problem}`,
  });
  const blocks = readPem(certificate.text);
  if (blocks.length === 0) return fault(certificate, 'expected a certificate in PEM');
  // A block that OpenSSL skips would be missing in what the upstream gets, and its refusal tells nobody why.
  const broken = blocks.findIndex(
    ({ label, der }) => label !== 'CERTIFICATE' || attempt(() => new X509Certificate(der ?? '')) === undefined,
  );
  if (broken !== -1) return fault(certificate, `block ${broken + 1} of ${blocks.length} is no certificate`);
  const privateKey = attempt(() => createPrivateKey(key.text));
  if (privateKey === undefined)
    return fault(key, `its key "${key.label}" is no private key in PEM, or is encrypted; write it without a passphrase`);
  if (attempt(() => new X509Certificate(certificate.text))?.checkPrivateKey(privateKey) !== true)
    return fault(key, `its key "${key.label}" belongs to another certificate`);
  if (attempt(() => createSecureContext({ cert: certificate.text, key: key.text })) === undefined)
    return fault(certificate, 'OpenSSL refuses it; use an RSA key of 2048 bits or more, or an EC key');
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
