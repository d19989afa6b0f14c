import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawCertificate, RawListenerSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { CertificatePair, NamedText } from './settings.ts';
import type { WrittenText } from './written-text.ts';
import { filePath, readPem } from './written-text.ts';

/** The server certificates. At least one is required, unless the listener does without TLS. */
export function readCertificates(reading: Reading, raw: RawListenerSettings): readonly CertificatePair[] {
  const listed = (raw.certificates ?? []).map((entry, index) => readCertificateFiles(reading, entry, index));
  const single = readCertificatePair(reading, {
    certificate: { path: ['certificate'], inline: raw.certificate, file: raw.certificate_file },
    key: { path: ['certificate_key'], inline: raw.certificate_key, file: raw.certificate_key_file },
  });
  const isWritten = listed.length > 0 || certificateKeys.some((key) => raw[key] !== undefined || reading.isRefused([key]));
  if (!isWritten && !reading.isRefused(['certificates']) && !raw.insecure_server && !reading.isRefused(['insecure_server'])) {
    const advice = 'write certificates, certificate_file and certificate_key_file, or insecure_server: true behind something that ends TLS';
    reading.error([], `No server certificate is configured: ${advice}`, { code: 'missing-key' });
  }
  return [...listed, single].filter((pair) => pair !== undefined);
}

const certificateKeys = ['certificate', 'certificate_file', 'certificate_key', 'certificate_key_file'] as const;

function readCertificateFiles(reading: Reading, { cert, key }: RawCertificate, index: number): CertificatePair | undefined {
  const read = (part: 'cert' | 'key', name: string | undefined): NamedText | undefined => {
    const path = ['certificates', index, part];
    if (name === undefined) {
      if (!reading.isRefused(path) && !reading.isRefused(['certificates', index])) {
        reading.error(path, `certificates[${index}].${part} is missing: write the name of a file`, { code: 'missing-key' });
      }
      return undefined;
    }
    const text = reading.readNamedFile(path, name);
    return text === undefined ? undefined : { text, label: name, path };
  };
  const certificate = read('cert', cert);
  const privateKey = read('key', key);
  return certificate === undefined || privateKey === undefined ? undefined : { certificate, key: privateKey };
}

export interface WrittenPair {
  readonly certificate: WrittenText;
  readonly key: WrittenText;
}

/** A certificate and its private key in any spelling; undefined when neither was written, or, with a problem told, when one is missing or wrong. */
export function readCertificatePair(reading: Reading, written: WrittenPair): CertificatePair | undefined {
  const certificate = readPem(reading, written.certificate);
  const key = readPem(reading, written.key);
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate !== undefined && isAbsent(reading, written.key)) {
    const advice = `write ${writePath(filePath(written.key.path))} as well`;
    reading.error(certificate.path, `The certificate has no private key: ${advice}`, { code: 'missing-key' });
  }
  if (key !== undefined && isAbsent(reading, written.certificate)) {
    const advice = `write ${writePath(filePath(written.certificate.path))} as well`;
    reading.error(key.path, `The private key has no certificate: ${advice}`, { code: 'missing-key' });
  }
  return undefined;
}

/** What was refused because of its shape is not missing. */
function isAbsent(reading: Reading, { path, inline, file }: WrittenText): boolean {
  const spellings: readonly SettingPath[] = [path, filePath(path)];
  return inline === undefined && file === undefined && !spellings.some((spelling) => reading.isRefused(spelling));
}
