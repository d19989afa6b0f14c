import type { CertificateFacts } from '../certificate/certificate-facts.ts';
import { canonicalName } from '../certificate/distinguished-name.ts';
import { readGeneralName } from '../certificate/general-name.ts';
import type { DerValue } from '../certificate/read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readOid } from '../certificate/read-der.ts';
import { certificateFields } from './certificate-fields.ts';

/** The addresses that a certificate names for questions about itself, in its order; not checked in any way. */
export interface NamedSources {
  /** OCSP responders (RFC 5280 section 4.2.2.1). */
  readonly ocsp: readonly string[];
  /** Where the lists of its issuer are (RFC 5280 section 4.2.1.13). */
  readonly lists: readonly string[];
}

/** An extension that can't be read names nothing. */
export function namedSources(facts: CertificateFacts): NamedSources {
  return {
    ocsp: urlsOf(facts, '1.3.6.1.5.5.7.1.1', readResponders),
    lists: urlsOf(facts, '2.5.29.31', (value) => readDistributionPoints(value, facts.issuerCanonical)),
  };
}

/** Each costs time while a visitor waits. */
const mostUrls = 4;

function urlsOf(facts: CertificateFacts, oid: string, read: (value: DerValue) => readonly string[]): readonly string[] {
  try {
    const extension = certificateFields(facts.certificate).extensions.get(oid);
    return extension === undefined ? [] : [...new Set(read(readDer(extension.value)))].slice(0, mostUrls);
  } catch (error) {
    if (error instanceof MalformedDer) return [];
    throw error;
  }
}

const ocspOid = '1.3.6.1.5.5.7.48.1';

function readResponders(value: DerValue): readonly string[] {
  return readChildren(expectTag(value, 0x30)).flatMap((description) => {
    const [method, location] = readChildren(expectTag(description, 0x30));
    return readOid(method) === ocspOid && location !== undefined ? urlOf(location) : [];
  });
}

/** Points without `reasons` speak of every reason, so one of them is enough, and so is one of the addresses of each. */
function readDistributionPoints(value: DerValue, issuer: string): readonly string[] {
  return readChildren(expectTag(value, 0x30)).flatMap((point) => {
    const fields = readChildren(expectTag(point, 0x30));
    const [name, reasons, crlIssuer] = [0xa0, 0x81, 0xa2].map((tag) => fields.find((field) => field.tag === tag));
    // A list by reasons is a part, and one of another issuer is signed by a key that nobody vouched for here.
    if (name === undefined || reasons !== undefined || (crlIssuer !== undefined && !isOnly(crlIssuer, issuer))) return [];
    const [fullName] = readChildren(name);
    return fullName?.tag === 0xa0 ? readChildren(fullName).flatMap(urlOf) : [];
  });
}

function isOnly(names: DerValue, issuer: string): boolean {
  return readChildren(names)
    .map(readGeneralName)
    .every((name) => name.kind === 'directory' && canonicalName(name.name).join(',') === issuer);
}

function urlOf(location: DerValue): readonly string[] {
  const name = readGeneralName(location);
  return name.kind === 'uri' ? [name.text] : [];
}
