import { isFieldName } from '../../http/header-list.ts';
import { writePath } from '../../config/problem.ts';
import { quoteValue } from '../../config/quote-value.ts';
import type { Reading } from '../../config/reading.ts';
import type { Settings } from '../../config/settings.ts';
import type { Person } from '../../identity/person.ts';
import { onTheWire, parseSourceIp, sniOf, splitAskedUrl } from '../asked-request.ts';
import { noListenerFor } from '../read-asked-request.ts';
import type { Authorities } from './authorities.ts';
import { noCertificate, readCertificate, readTime } from './read-certificates.ts';
import type { Leaf } from './read-leaf.ts';
import { readEntries, readList, readScalar, readText, refuseName } from './read-leaf.ts';
import { nobody } from './read-people.ts';
import type { CertificateChoice } from './synthetic-certificate.ts';
import type { TestCase } from './test-case.ts';

export const requestKeys: readonly string[] = ['method', 'url', 'as', 'certificate', 'source_ip', 'at', 'headers', 'sni'];

/** What a request of a test may refer to. */
export interface Cast {
  readonly people: ReadonlyMap<string, Person | undefined>;
  readonly certificates: ReadonlyMap<string, CertificateChoice | undefined>;
  readonly authorities: Authorities;
  readonly settings: Settings;
  /** Certificates that requests describe or name in place, so that the cases of a matrix share one. */
  readonly inPlace: Map<string, CertificateChoice | undefined>;
  /** When a request without `at` comes: milliseconds since 1970. */
  readonly now: number;
}

/** The entries of `request`, filled in, as a question. Undefined when a problem was told. */
export function readRequest(
  reading: Reading,
  entries: ReadonlyMap<string, Leaf>,
  cast: Cast,
): Pick<TestCase, 'request' | 'certificate'> | undefined {
  const read = <T>(key: string, reader: (leaf: Leaf) => T | undefined, otherwise: T): T | undefined => {
    const leaf = entries.get(key);
    return leaf === undefined ? otherwise : reader(leaf);
  };
  const url = read('url', (leaf) => readUrl(reading, leaf, cast), undefined);
  const method = read('method', (leaf) => readMethod(reading, leaf), 'GET');
  const as = read('as', (leaf) => readAs(reading, leaf, cast), { person: undefined });
  const presented = read('certificate', (leaf) => readPresented(reading, leaf, cast), { certificate: undefined });
  const sourceIp = read('source_ip', (leaf) => readSourceIp(reading, leaf), '127.0.0.1');
  const at = read('at', (leaf) => readTime(reading, leaf), cast.now);
  const headers = read('headers', (leaf) => readHeaders(reading, leaf), []);
  const sni = read(
    'sni',
    (leaf) => readText(reading, leaf),
    url === undefined || url.scheme === 'http' ? '' : (sniOf(url.rawAuthority) ?? ''),
  );
  const isGood = url && method && as && presented && sourceIp && at !== undefined && headers && sni !== undefined;
  if (!isGood) return undefined;
  const rawAuthority = onTheWire(url.rawAuthority);
  const rawTarget = onTheWire(url.rawTarget);
  const { scheme } = url;
  const request = { scheme, method, rawAuthority, rawTarget, headers, person: as.person, sourceIp, at, sni: sni === '' ? undefined : sni };
  return { request, certificate: presented.certificate };
}

function readUrl(reading: Reading, leaf: Leaf, cast: Cast): Exclude<ReturnType<typeof splitAskedUrl>, string> | undefined {
  const text = readText(reading, leaf);
  const split = text === undefined ? undefined : splitAskedUrl(text);
  if (split === undefined) return undefined;
  const fault = typeof split === 'string' ? split : noListenerFor(split, cast);
  if (fault === undefined && typeof split !== 'string') return split;
  reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no URL of a request: ${fault}`);
  return undefined;
}

function readMethod(reading: Reading, leaf: Leaf): string | undefined {
  const text = readText(reading, leaf);
  if (text === undefined || isFieldName(text)) return text;
  reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no method: write one word, GET or POST`);
  return undefined;
}

function readAs(reading: Reading, leaf: Leaf, { people }: Cast): { readonly person: Person | undefined } | undefined {
  const name = readText(reading, leaf);
  if (name === undefined) return undefined;
  if (name === nobody) return { person: undefined };
  if (!people.has(name)) refuseName(reading, leaf, { text: name, known: [...people.keys(), nobody] });
  const person = people.get(name);
  return person === undefined ? undefined : { person };
}

/** A name under `certificates`, a PEM file, a description in place, or `none`. */
function readPresented(reading: Reading, leaf: Leaf, cast: Cast): { readonly certificate: CertificateChoice | undefined } | undefined {
  const { value } = leaf;
  if (value === noCertificate) return { certificate: undefined };
  const { certificates, inPlace } = cast;
  const isNamed = typeof value === 'string' && !/[/\\]|\.(?:pem|crt|cer)$/i.test(value);
  if (isNamed && !certificates.has(value)) refuseName(reading, leaf, { text: value, known: [...certificates.keys(), noCertificate] });
  if (typeof value === 'string' && (isNamed || certificates.has(value))) return chosen(certificates.get(value));
  const key = JSON.stringify(value);
  if (!inPlace.has(key)) inPlace.set(key, readCertificate(reading, leaf, cast.authorities));
  return chosen(inPlace.get(key));
}

function chosen(certificate: CertificateChoice | undefined): { readonly certificate: CertificateChoice } | undefined {
  return certificate === undefined ? undefined : { certificate };
}

function readSourceIp(reading: Reading, leaf: Leaf): string | undefined {
  const text = readText(reading, leaf);
  const parsed = text === undefined ? undefined : parseSourceIp(text);
  if (text !== undefined && parsed === undefined)
    reading.error(leaf.path, `${writePath(leaf.path)} ${quoteValue(text)} is no IP address: write one like 10.0.0.7 or 2001:db8::7`);
  return parsed;
}

/** A list under one name is a header that comes several times. */
function readHeaders(reading: Reading, leaf: Leaf): readonly string[] | undefined {
  const entries = readEntries(reading, leaf);
  if (entries === undefined) return undefined;
  const fields = [...entries].map(([name, values]) => {
    if (!isFieldName(name)) {
      reading.error(values.path, `${writePath(values.path)} is no name of a header: write one like X-Team`, { part: 'key' });
      return undefined;
    }
    const texts = readList(values).map((value) => readScalar(reading, value));
    return texts.every((text) => text !== undefined) ? texts.flatMap((text) => [name, onTheWire(text.trim())]) : undefined;
  });
  return fields.every((field) => field !== undefined) ? fields.flat() : undefined;
}
