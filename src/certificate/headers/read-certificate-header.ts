import type { AcceptedDialect } from '../../config/certificate-header-settings.ts';
import type { HeaderList } from '../../http/header-list.ts';
import { normalisedName } from '../../http/header-list.ts';
import type { CertificateReading, ReadDialect } from './certificate-reading.ts';
import { refuse } from './certificate-reading.ts';
import { readNginx } from './read-nginx.ts';
import { readRfc9440 } from './read-rfc9440.ts';
import { readTraefik } from './read-traefik.ts';
import { readXfcc } from './read-xfcc.ts';
import { recalledReading } from './reading-memory.ts';

const dialects: Readonly<Record<AcceptedDialect, ReadDialect>> = {
  xfcc: readXfcc,
  nginx: readNginx,
  traefik: readTraefik,
  rfc9440: readRfc9440,
};

/** The headers each dialect is read from, in lower case. */
export const acceptedHeaderNames: Readonly<Record<AcceptedDialect, readonly string[]>> = {
  xfcc: readXfcc.names,
  nginx: readNginx.names,
  traefik: readTraefik.names,
  rfc9440: readRfc9440.names,
};

/**
 * What a proxy in front says that its visitor presented; whether the peer may say so is the caller's to know. What can be read in two ways
 * is refused. For the same text the same object comes back while it is remembered, so that what hangs on it is found again.
 */
export function readCertificateHeader(headers: HeaderList, dialect: AcceptedDialect): CertificateReading {
  const reader = dialects[dialect];
  const fields = fieldsNamed(headers, reader.names);
  if (fields.length === 0) return { kind: 'none' };
  // Behind a gateway interface the two spellings are one header, and a proxy that sets one may let a visitor's other pass.
  if (fields.some(([name]) => name.includes('_'))) return refuse('a certificate header came with "_" in its name, expected "-"');
  const raw = [dialect, ...fields.flat()].join('\n');
  if (raw.length > longest) return refuse(`the certificate headers are longer than ${longest} characters`);
  return recalledReading(raw, () => reader.read((wanted) => fields.flatMap(([name, value]) => (name === wanted ? [value] : []))));
}

/** Far more than 16 certificates of a usual size. */
const longest = 65_536;

/** By normalised name; the names as they came, in lower case. */
function fieldsNamed(headers: HeaderList, names: readonly string[]): readonly (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name, value] = [headers[index], headers[index + 1]];
    if (name !== undefined && value !== undefined && names.includes(normalisedName(name))) fields.push([name.toLowerCase(), value]);
  }
  return fields;
}
