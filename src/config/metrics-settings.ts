import { decodeBase64 } from './base64.ts';
import { readCertificatePair } from './certificate-settings.ts';
import type { RawOperationSettings } from './raw-settings.ts';
import { readSocketAddress } from './read-value.ts';
import type { Reading } from './reading.ts';
import { Secret } from './secret.ts';
import type { MetricsSettings } from './settings.ts';
import { decodeUtf8 } from './utf8-text.ts';
import { readPem } from './written-text.ts';

/** Where and for whom metrics are served; undefined when they are not. */
export function readMetrics(reading: Reading, raw: RawOperationSettings): MetricsSettings | undefined {
  const basicAuth = readBasicAuth(reading, raw.metrics_basic_auth);
  const certificate = readCertificatePair(reading, {
    certificate: { path: ['metrics_certificate'], inline: raw.metrics_certificate, file: raw.metrics_certificate_file },
    key: { path: ['metrics_certificate_key'], inline: raw.metrics_certificate_key, file: raw.metrics_certificate_key_file },
  });
  const clientCa = readPem(reading, { path: ['metrics_client_ca'], inline: raw.metrics_client_ca, file: raw.metrics_client_ca_file });
  const hasCertificate = raw.metrics_certificate !== undefined || raw.metrics_certificate_file !== undefined;
  if (clientCa !== undefined && !hasCertificate && !reading.isRefused(['metrics_certificate'])) {
    const advice = 'write metrics_certificate_file and metrics_certificate_key_file as well';
    reading.error(clientCa.path, `Without TLS nobody can show the metrics a client certificate: ${advice}`, { code: 'missing-key' });
  }
  if (raw.metrics_address === undefined) {
    if (!reading.isRefused(['metrics_address'])) warnOfNowhere(reading, raw);
    return undefined;
  }
  const address = readSocketAddress(reading, ['metrics_address'], raw.metrics_address);
  return address === undefined ? undefined : { address, basicAuth, certificate, clientCa };
}

/** The value is never quoted, not even a part of it. */
function readBasicAuth(reading: Reading, text: string | undefined): Secret<string> | undefined {
  if (text === undefined) return undefined;
  const bytes = decodeBase64(text);
  const pair = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (pair?.includes(':') === true && !hasControl.test(pair)) return new Secret(pair);
  reading.error(
    ['metrics_basic_auth'],
    `metrics_basic_auth must be base64 of user:password: make it with "printf '%s' user:password | base64"`,
  );
  return undefined;
}

// RFC 7617 section 2: neither part may hold control characters.
const hasControl = /\p{Cc}/u;

const others = [
  'metrics_basic_auth',
  'metrics_certificate',
  'metrics_certificate_file',
  'metrics_client_ca',
  'metrics_client_ca_file',
] as const;

function warnOfNowhere(reading: Reading, raw: RawOperationSettings): void {
  for (const key of others) {
    if (raw[key] !== undefined) reading.warning([key], `${key} has no effect without metrics_address`, 'no-effect');
  }
}
