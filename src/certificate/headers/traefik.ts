import { addressText } from '../address-text.ts';
import type { GeneralName } from '../general-name.ts';
import type { HeaderDialect } from './header-dialect.ts';
import { isPrintable, percentEncoded } from './header-value.ts';
import type { WritableCertificate } from './shown-certificate.ts';

/** Traefik's middleware `passTLSClientCert`. The second header tells of the leaf alone. */
export const traefik: HeaderDialect = {
  write(certificate, chain) {
    const { facts, issuers } = certificate;
    const shown = chain ? [facts.certificate, ...issuers] : [facts.certificate];
    const certificates = shown.map(({ raw }) => raw.toString('base64')).join(',');
    const info = describe(certificate);
    return [
      'X-Forwarded-Tls-Client-Cert',
      certificates,
      ...(info === undefined ? [] : ['X-Forwarded-Tls-Client-Cert-Info', queryEscaped(info)]),
    ];
  },
  withoutCertificate: [],
};

/** Undefined where a name would read as another field or as several names: this dialect has no way to escape. */
function describe({ facts: { alternativeNames }, subject, issuer }: WritableCertificate): string | undefined {
  const names = kinds.flatMap((kind) => alternativeNames.flatMap((name) => (name.kind === kind ? textOf(name) : [])));
  if (names.some((name) => !isPrintable(name) || /[",;]/.test(name))) return undefined;
  const fields = { Subject: subject, Issuer: issuer, SAN: names.join(',') };
  return Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([field, value]) => `${field}="${value}"`)
    .join(';');
}

const kinds: readonly GeneralName['kind'][] = ['dns', 'email', 'ip', 'uri'];

function textOf(name: GeneralName): readonly string[] {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return [name.text];
    case 'ip': {
      const address = addressText(name.bytes);
      return address === undefined ? [] : [address];
    }
    case 'directory':
    case 'other':
      return [];
  }
}

/** As Go's `url.QueryEscape` does. */
function queryEscaped(text: string): string {
  return percentEncoded(text).replaceAll('%20', '+');
}
