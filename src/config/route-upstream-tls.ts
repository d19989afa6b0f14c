import { isIPv6 } from 'node:net';
import { parseHostname } from '../http/hostname.ts';
import type { UpstreamTlsSettings } from './action-settings.ts';
import { parseCertificates } from './pem-certificates.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawRoute } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import { readClientCertificate } from './route-client-certificate.ts';
import type { NamedText } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';
import { readPem } from './written-text.ts';

/** TLS towards the upstreams. What is written is looked at even where no upstream speaks TLS, and warned of. */
export function readUpstreamTls(
  reading: Reading,
  route: RawRoute,
  path: SettingPath,
  { isUsed }: { readonly isUsed: boolean },
): UpstreamTlsSettings {
  const keys = writtenKeys(route, tlsKeys);
  if (keys.length === 0) return nothingWritten;
  const caKeys = writtenKeys(route, ['tls_custom_ca', 'tls_custom_ca_file']);
  if (!isUsed) {
    for (const key of keys) tellNoEffect(reading, [...path, key], 'because no upstream of to begins with https://');
  } else if (route.tls_skip_verify) {
    for (const key of caKeys) tellNoEffect(reading, [...path, key], 'beside tls_skip_verify');
  }
  return {
    skipVerify: route.tls_skip_verify,
    serverName: readServerName(reading, route, path),
    ca: readCa(reading, route, path),
    clientCertificate: readClientCertificate(reading, route, path),
  };
}

const nothingWritten: UpstreamTlsSettings = { skipVerify: false, serverName: undefined, ca: undefined, clientCertificate: undefined };

const tlsKeys = [
  'tls_skip_verify',
  'tls_server_name',
  'tls_upstream_server_name',
  'tls_custom_ca',
  'tls_custom_ca_file',
  'tls_client_cert',
  'tls_client_cert_file',
  'tls_client_key',
  'tls_client_key_file',
] as const satisfies readonly (keyof RawRoute)[];

function writtenKeys(route: RawRoute, keys: readonly (keyof RawRoute)[]): readonly string[] {
  return keys.filter((key) => route[key] !== undefined && route[key] !== false);
}

function readServerName(reading: Reading, route: RawRoute, path: SettingPath): string | undefined {
  const read = (key: 'tls_server_name' | 'tls_upstream_server_name'): string | undefined => {
    const text = route[key];
    // Address literals are fine in a certificate, but without the brackets of a URL.
    const name = text === undefined ? undefined : isIPv6(text) ? text : parseHostname(text);
    if (text === undefined || (name !== undefined && !name.startsWith('['))) return name;
    const place = [...path, key];
    reading.error(place, `${writePath(place)} ${quoteValue(text)} is no host name: write the name in the certificate of the upstream`);
    return undefined;
  };
  const upstream = read('tls_upstream_server_name');
  const either = read('tls_server_name');
  if (upstream !== undefined && either !== undefined)
    tellNoEffect(reading, [...path, 'tls_server_name'], 'beside tls_upstream_server_name');
  return upstream ?? either;
}

function readCa(reading: Reading, route: RawRoute, path: SettingPath): NamedText | undefined {
  const text = readPem(reading, { path: [...path, 'tls_custom_ca'], inline: route.tls_custom_ca, file: route.tls_custom_ca_file });
  if (text === undefined) return undefined;
  if (parseCertificates(text.text) !== undefined) return text;
  reading.error(text.path, `${writePath(text.path)} must hold the certificates of CAs in PEM, and each of them whole`);
  return undefined;
}
