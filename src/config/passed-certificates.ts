import type { CertificateDialect, PassedCertificate } from './certificate-header-settings.ts';
import { certificateDialects } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawPassedCertificate } from './raw-certificate-settings.ts';
import { either, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { tellNoEffect } from './tell-no-effect.ts';

const usualMaxBytes = 8_192;

/** `pass_client_certificate` of the top level or of a route. An entry that can't be read is left out, with a problem told. */
export function readPassedCertificates(
  reading: Reading,
  path: SettingPath,
  written: readonly (string | RawPassedCertificate)[],
): readonly PassedCertificate[] {
  const read = written.flatMap((entry, index): readonly PassedEntry[] => {
    const place = [...path, index];
    const raw: RawPassedCertificate = typeof entry === 'string' ? { dialect: entry, max_bytes: usualMaxBytes } : entry;
    const passed = readEntry(reading, raw, { path: place, dialectPath: typeof entry === 'string' ? place : [...place, 'dialect'] });
    return passed === undefined ? [] : [{ path: place, passed }];
  });
  tellShared(reading, read);
  return read.map(({ passed }) => passed);
}

interface PassedEntry {
  readonly path: SettingPath;
  readonly passed: PassedCertificate;
}

interface EntryPlace {
  readonly path: SettingPath;
  readonly dialectPath: SettingPath;
}

function readEntry(reading: Reading, raw: RawPassedCertificate, { path, dialectPath }: EntryPlace): PassedCertificate | undefined {
  const maxBytes = readMaxBytes(reading, [...path, 'max_bytes'], raw.max_bytes);
  if (raw.dialect === undefined) {
    if (!reading.isRefused(dialectPath))
      reading.error(path, `${writePath(dialectPath)} is missing: write ${either(certificateDialects)}`, { code: 'missing-key' });
    return undefined;
  }
  const dialect = readChoice(reading, dialectPath, { text: raw.dialect, words: certificateDialects });
  if (dialect === undefined) return undefined;
  const carriesChain = chainDialects.includes(dialect);
  if (raw.chain === true && !carriesChain)
    tellNoEffect(reading, [...path, 'chain'], `with ${dialect}, which has no place for further certificates`);
  return { dialect, chain: carriesChain && (raw.chain ?? dialect === 'rfc9440'), maxBytes };
}

const chainDialects: readonly CertificateDialect[] = ['rfc9440', 'xfcc', 'traefik'];
const fewestBytes = 512;
const mostBytes = 65_536;

/** Upstreams take header blocks of that order; with less, hardly any certificate would fit. */
function readMaxBytes(reading: Reading, path: SettingPath, written: number): number {
  if (Number.isInteger(written) && written >= fewestBytes && written <= mostBytes) return written;
  reading.error(path, `${writePath(path)} ${written} must be a whole number from ${fewestBytes} to ${mostBytes}`);
  return usualMaxBytes;
}

function tellShared(reading: Reading, entries: readonly PassedEntry[]): void {
  for (const [index, { path, passed }] of entries.entries()) {
    for (const before of entries.slice(0, index)) {
      const why = collision(before.passed.dialect, passed.dialect);
      const other = `${writePath(before.path)}${reading.mention(before.path)}`;
      if (why === undefined) continue;
      if (why.isWarning) reading.warning(path, `${writePath(path)} ${why.text} ${other}`, 'colliding-headers');
      else reading.error(path, `${writePath(path)} ${why.text} ${other}: keep one of them`, { code: 'conflicting-keys' });
    }
  }
}

interface Collision {
  readonly text: string;
  readonly isWarning: boolean;
}

function collision(one: CertificateDialect, other: CertificateDialect): Collision | undefined {
  if (one === other) return { text: `${one} is the dialect of`, isWarning: false };
  const arePair = (first: CertificateDialect, second: CertificateDialect): boolean =>
    [one, other].includes(first) && [one, other].includes(second);
  if (arePair('x_ssl_client', 'haproxy')) return { text: `${other} writes X-SSL-Client-Cert, and so does ${one} of`, isWarning: false };
  // `ssl-client-cert` and `SSL_CLIENT_CERT` are two names on the wire, and one variable behind a gateway interface (RFC 3875 section 4.1.18).
  const areAlike = arePair('nginx', 'apache');
  const text = `collides: many upstreams can't tell the SSL_CLIENT_CERT of apache from the ssl-client-cert of nginx, see`;
  return areAlike ? { text, isWarning: true } : undefined;
}
