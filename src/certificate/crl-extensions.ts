import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readIntegerContents } from './read-der.ts';
import type { Extension } from './read-extensions.ts';
import { readExtensions } from './read-extensions.ts';

export interface CrlExtensions {
  readonly number: bigint | undefined;
  /** The key identifier of the issuer, lower hex. */
  readonly issuerKeyId: string | undefined;
  /** Whether the list speaks of no authorities: one that is not on it may be revoked all the same. */
  readonly onlyUserCertificates: boolean;
}

/**
 * Reads the `[0]` field of a revocation list; undefined means that it has none. A text tells why the list can't be used. A list for
 * one distribution point can be used where it was fetched from there: `url` then.
 */
export function readCrlExtensions(field: DerValue | undefined, url?: string): CrlExtensions | string {
  if (field === undefined) return { number: undefined, issuerKeyId: undefined, onlyUserCertificates: false };
  const extensions = readExtensions(readChildren(field)[0]);
  const scope = readScope(extensions.get(oids.issuingDistributionPoint), url);
  if (typeof scope === 'string') return scope;
  const problem = limitation(extensions);
  if (problem !== undefined) return problem;
  const [number, issuerKey] = [extensions.get(oids.crlNumber), extensions.get(oids.authorityKeyId)];
  return {
    number: number === undefined ? undefined : BigInt(`0x${readIntegerContents(readDer(number.value)).toString('hex')}`),
    issuerKeyId: issuerKey === undefined ? undefined : readKeyId(issuerKey.value),
    ...scope,
  };
}

const oids = {
  issuerAlternativeName: '2.5.29.18',
  crlNumber: '2.5.29.20',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyId: '2.5.29.35',
};

const processed: ReadonlySet<string> = new Set(Object.values(oids));

/** Why a list says less than what every certificate of its issuer is worth. Such extensions count whether they are critical or not. */
function limitation(extensions: ReadonlyMap<string, Extension>): string | undefined {
  if (extensions.has(oids.deltaCrlIndicator))
    return 'is a delta list, which tells changes only: write the complete list of the authority instead';
  const unknown = [...extensions].find(([oid, { critical }]) => critical && !processed.has(oid));
  return unknown === undefined ? undefined : `has a critical extension that is not understood (${unknown[0]})`;
}

type Scope = Pick<CrlExtensions, 'onlyUserCertificates'>;

/**
 * RFC 5280 section 5.2.5. A list for one distribution point is a part: its issuer may keep others beside it. It says all there is to
 * say of certificates that name this very point, and of which kinds of them; a part by reasons, or with entries of others, is never enough.
 */
function readScope(extension: Extension | undefined, url: string | undefined): Scope | string {
  const parts = extension === undefined ? [] : readChildren(expectTag(readDer(extension.value), 0x30));
  const [point, ...flags] = parts;
  if (point === undefined) return { onlyUserCertificates: false };
  const foreign = point.tag === 0xa0 ? flags.find(({ tag }) => tag !== 0x81) : point;
  if (url === undefined || foreign !== undefined)
    return `is one part of a list (${scopeNames.get((foreign ?? point).tag & 0x1f) ?? 'issuingDistributionPoint'}): write the complete list of the authority instead`;
  if (!namesOf(point).includes(url)) return `is for another distribution point than "${url}"`;
  // A flag that is written and says no, or comes twice, is no DER: who wrote it meant something that nobody can know.
  if (flags.length > 1 || flags.some(({ contents }) => !contents.equals(derTrue)))
    throw new MalformedDer('a scope with a flag that is none');
  return { onlyUserCertificates: flags.length > 0 };
}

const derTrue = Buffer.of(0xff);

/** The URLs of a distribution point that is written in full; one that only adds to the name of its issuer has none. */
function namesOf(point: DerValue): readonly string[] {
  const [name, ...more] = readChildren(point);
  if (name?.tag !== 0xa0 || more.length > 0) return [];
  return readChildren(name).flatMap((each) => (each.tag === 0x86 ? [each.contents.toString('latin1')] : []));
}

const scopeNames: ReadonlyMap<number, string> = new Map([
  [0, 'distributionPoint'],
  [1, 'onlyContainsUserCerts'],
  [2, 'onlyContainsCACerts'],
  [3, 'onlySomeReasons'],
  [4, 'indirectCRL'],
  [5, 'onlyContainsAttributeCerts'],
]);

function readKeyId(bytes: Buffer): string | undefined {
  const fields = readChildren(expectTag(readDer(bytes), 0x30));
  return fields.find(({ tag }) => tag === 0x80)?.contents.toString('hex');
}
