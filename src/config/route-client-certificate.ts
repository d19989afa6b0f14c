import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { parseCertificates } from './pem-certificates.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { CertificatePair } from './settings.ts';
import { readPem } from './written-text.ts';

/** What Postern shows to an upstream that asks for a certificate: both halves, and they have to belong together. */
export function readClientCertificate(reading: Reading, route: RawRoute, path: SettingPath): CertificatePair | undefined {
  const certificate = readPem(reading, {
    path: [...path, 'tls_client_cert'],
    inline: route.tls_client_cert,
    file: route.tls_client_cert_file,
  });
  const key = readPem(reading, { path: [...path, 'tls_client_key'], inline: route.tls_client_key, file: route.tls_client_key_file });
  tellHalf(reading, route, path);
  const leaf = certificate === undefined ? undefined : parseCertificates(certificate.text)?.[0];
  const privateKey = key === undefined ? undefined : parsePrivateKey(key.text);
  if (certificate !== undefined && leaf === undefined) tellBroken(reading, certificate.path, 'a certificate in PEM');
  if (key !== undefined && privateKey === undefined) tellBroken(reading, key.path, 'a private key in PEM without a passphrase');
  if (certificate === undefined || key === undefined || leaf === undefined || privateKey === undefined) return undefined;
  if (leaf.checkPrivateKey(privateKey)) return { certificate, key };
  reading.error(
    key.path,
    `${writePath(key.path)} is not the key of the certificate in ${String(certificate.path.at(-1))}: write the pair that belongs together`,
    {
      code: 'conflicting-keys',
    },
  );
  return undefined;
}

const halves = [
  { present: ['tls_client_cert', 'tls_client_cert_file'], absent: ['tls_client_key', 'tls_client_key_file'] },
  { present: ['tls_client_key', 'tls_client_key_file'], absent: ['tls_client_cert', 'tls_client_cert_file'] },
] as const;

/** By what is written: a file that can't be read, or a value of the wrong type, has been told already. */
function tellHalf(reading: Reading, route: RawRoute, path: SettingPath): void {
  for (const { present, absent } of halves) {
    const key = present.find((name) => route[name] !== undefined);
    if (key === undefined || absent.some((name) => route[name] !== undefined || reading.isRefused([...path, name]))) continue;
    const place = [...path, key];
    reading.error(place, `${writePath(place)} means nothing without ${absent.join(' or ')}: write both, or neither`, {
      code: 'missing-key',
      part: 'key',
    });
  }
}

function tellBroken(reading: Reading, path: SettingPath, expected: string): void {
  reading.error(path, `${writePath(path)} does not hold ${expected}`);
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The reasons that OpenSSL gives may quote parts of the key.
    return undefined;
  }
}
