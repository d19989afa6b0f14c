import type { DerValue } from './read-der.ts';
import { expectTag, readChildren, readDer, readIntegerContents } from './read-der.ts';
import type { Extension } from './read-extensions.ts';
import { readExtensions } from './read-extensions.ts';

export interface CrlExtensions {
  readonly number: bigint | undefined;
  /** The key identifier of the issuer, lower hex. */
  readonly issuerKeyId: string | undefined;
}

/** Reads the `[0]` field of a revocation list; undefined means that it has none. A text tells why the list can't be used. */
export function readCrlExtensions(field: DerValue | undefined): CrlExtensions | string {
  if (field === undefined) return { number: undefined, issuerKeyId: undefined };
  const extensions = readExtensions(readChildren(field)[0]);
  const problem = limitation(extensions);
  if (problem !== undefined) return problem;
  const [number, issuerKey] = [extensions.get(oids.crlNumber), extensions.get(oids.authorityKeyId)];
  return {
    number: number === undefined ? undefined : BigInt(`0x${readIntegerContents(readDer(number.value)).toString('hex')}`),
    issuerKeyId: issuerKey === undefined ? undefined : readKeyId(issuerKey.value),
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
  const scope = extensions.get(oids.issuingDistributionPoint);
  const parts = scope === undefined ? [] : readChildren(expectTag(readDer(scope.value), 0x30));
  const [part] = parts;
  if (part !== undefined)
    return `is one part of a list (${scopeNames.get(part.tag & 0x1f) ?? 'issuingDistributionPoint'}): write the complete list of the authority instead`;
  const unknown = [...extensions].find(([oid, { critical }]) => critical && !processed.has(oid));
  return unknown === undefined ? undefined : `has a critical extension that is not understood (${unknown[0]})`;
}

// RFC 5280 section 5.2.5. A list for one distribution point alone is a part as well: its issuer may keep others beside it.
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
