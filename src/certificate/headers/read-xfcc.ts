import type { X509Certificate } from 'node:crypto';
import type { CertificateReading, ReadDialect } from './certificate-reading.ts';
import { presentedIn, readPemCertificates, refuse } from './certificate-reading.ts';
import { percentDecoded } from './header-value.ts';

const name = 'x-forwarded-client-cert';

/**
 * Envoy's header, one element. Envoy doesn't escape the URIs that it writes, so a certificate can put pairs of its own among Envoy's:
 * one that comes twice is refused, and the hash, which Envoy always writes, has to be that of the certificate.
 */
export const readXfcc: ReadDialect = {
  names: [name],
  read(values) {
    const [value, ...more] = values(name);
    if (more.length > 0) return refuse(`"${name}" came ${more.length + 1} times, expected once`);
    if (value === undefined) return { kind: 'none' };
    const element = readElement(value);
    return typeof element === 'string' ? refuse(`"${name}" ${element}`) : readCertificates(element);
  },
};

interface Element {
  readonly hash: string | undefined;
  readonly cert: string | undefined;
  readonly chain: string | undefined;
}

/** Why it can't be read, or the pairs that matter here. */
function readElement(value: string): Element | string {
  const found = new Map<string, string>();
  pair.lastIndex = 0;
  for (let separator = ';'; separator !== '';) {
    const match = pair.exec(value);
    if (match === null) return 'is not a list of pairs, quoted where needed';
    const [, key = '', quoted, bare = '', end = ''] = match;
    const lowerKey = key.toLowerCase();
    if (found.has(lowerKey) && decisive.has(lowerKey)) return `has "${lowerKey}" twice`;
    found.set(lowerKey, quoted ?? bare);
    if (end === ',') return 'has several elements, expected one';
    separator = end;
  }
  return { hash: found.get('hash'), cert: found.get('cert'), chain: found.get('chain') };
}

const decisive: ReadonlySet<string> = new Set(['hash', 'cert', 'chain']);

// Escapes inside quotes stay as they are: the values that are read hold none.
const pair = /([A-Za-z]+)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^",;]*))(;|,|$)/y;

function readCertificates({ hash, cert, chain }: Element): CertificateReading {
  if (cert === undefined && chain === undefined) return refuse(`"${name}" has neither "cert" nor "chain"`);
  const leaf = cert === undefined ? undefined : readPemValue(cert);
  if (cert !== undefined && leaf?.length !== 1) return presentedIn(name, undefined);
  const certificates = chain === undefined ? leaf : readPemValue(chain);
  const reading = presentedIn(name, certificates);
  if (reading.kind !== 'presented') return reading;
  const { fingerprint256 } = reading.leaf;
  if (leaf !== undefined && leaf[0]?.fingerprint256 !== fingerprint256)
    return refuse(`"${name}" has a "chain" that begins with another than "cert"`);
  if (hash !== undefined && hash.toLowerCase() !== fingerprint256.replaceAll(':', '').toLowerCase())
    return refuse(`"${name}" has the "hash" of another certificate`);
  return reading;
}

function readPemValue(value: string): readonly X509Certificate[] | undefined {
  const text = percentDecoded(value);
  return text === undefined ? undefined : readPemCertificates(text);
}
