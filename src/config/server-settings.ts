import { logLevels } from './choices.ts';
import type { RawCertificate, RawSettings } from './raw-settings.ts';
import { readChoice, readSocketAddress } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { CertificatePair, NamedText, Settings, SocketAddress } from './settings.ts';
import { readPem } from './written-text.ts';

type ServerSettings = Pick<Settings, 'address' | 'certificates' | 'metricsAddress' | 'healthCheckAddress' | 'logLevel' | 'stateDirectory'>;

const nowhere: SocketAddress = { host: '127.0.0.1', port: 0 };

/** Addresses, server certificates, log and state. */
export function readServerSettings(reading: Reading, raw: RawSettings): ServerSettings {
  const { metrics_address: metricsAddress } = raw;
  return {
    address: readAddresses(reading, raw.address),
    certificates: readCertificates(reading, raw),
    metricsAddress: metricsAddress === undefined ? undefined : readSocketAddress(reading, ['metrics_address'], metricsAddress),
    healthCheckAddress: readSocketAddress(reading, ['health_check_addr'], raw.health_check_addr) ?? nowhere,
    logLevel: readChoice(reading, ['log_level'], { text: raw.log_level, words: logLevels }) ?? 'info',
    stateDirectory: readStateDirectory(reading, raw.state_directory),
  };
}

function readAddresses(reading: Reading, written: RawSettings['address']): readonly SocketAddress[] {
  if (typeof written === 'string') {
    const address = readSocketAddress(reading, ['address'], written);
    return address === undefined ? [] : [address];
  }
  if (written.length === 0) reading.error(['address'], 'address is an empty list: write where to listen, like :443');
  return written.flatMap((text, index) => readSocketAddress(reading, ['address', index], text) ?? []);
}

function readCertificates(reading: Reading, raw: RawSettings): readonly CertificatePair[] {
  const listed = (raw.certificates ?? []).map((entry, index) => readCertificateFiles(reading, entry, index));
  const single = readSingleCertificate(reading, raw);
  const isWritten = listed.length > 0 || certificateKeys.some((key) => raw[key] !== undefined || reading.isRefused([key]));
  if (!isWritten && !reading.isRefused(['certificates'])) {
    reading.error([], 'No server certificate is configured: write certificates, or certificate_file and certificate_key_file');
  }
  return [...listed, single].filter((pair) => pair !== undefined);
}

const certificateKeys = ['certificate', 'certificate_file', 'certificate_key', 'certificate_key_file'] as const;

function readCertificateFiles(reading: Reading, { cert, key }: RawCertificate, index: number): CertificatePair | undefined {
  const read = (part: 'cert' | 'key', name: string | undefined): NamedText | undefined => {
    const path = ['certificates', index, part];
    if (name === undefined) {
      if (!reading.isRefused(path) && !reading.isRefused(['certificates', index])) {
        reading.error(path, `certificates[${index}].${part} is missing: write the name of a file`);
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

function readSingleCertificate(reading: Reading, raw: RawSettings): CertificatePair | undefined {
  const certificate = readPem(reading, { path: ['certificate'], inline: raw.certificate, file: raw.certificate_file });
  const key = readPem(reading, { path: ['certificate_key'], inline: raw.certificate_key, file: raw.certificate_key_file });
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  const isHalf = (present: NamedText | undefined, ...absent: (keyof RawSettings)[]): present is NamedText =>
    present !== undefined && absent.every((other) => raw[other] === undefined && !reading.isRefused([other]));
  if (isHalf(certificate, 'certificate_key', 'certificate_key_file')) {
    reading.error(certificate.path, 'The certificate has no private key: write certificate_key_file as well');
  }
  if (isHalf(key, 'certificate', 'certificate_file')) {
    reading.error(key.path, 'The private key has no certificate: write certificate_file as well');
  }
  return undefined;
}

function readStateDirectory(reading: Reading, written: string | undefined): string | undefined {
  const path = ['state_directory'];
  if (written === undefined) return undefined;
  if (written.trim() === '' || written.includes('\0')) {
    reading.error(path, 'state_directory is empty: write the name of a directory, or leave the key out');
    return undefined;
  }
  // systemd joins several directories of a unit with colons; which of them was meant is not ours to guess.
  if (written.includes(':')) {
    reading.error(path, 'state_directory holds a colon: name one directory, with one entry in StateDirectory= of the systemd unit');
    return undefined;
  }
  return reading.resolveName(path, written);
}
