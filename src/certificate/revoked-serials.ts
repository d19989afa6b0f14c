import type { DerValue } from './read-der.ts';
import { MalformedDer, eachChild, expectTag, readDer, readIntegerContents } from './read-der.ts';
import { readExtensions } from './read-extensions.ts';
import { isTime } from './read-time.ts';

/**
 * The serial numbers on a list, undefined being an empty one, as `serialKey` of a certificate's facts; a text tells why the list
 * can't be used. Every entry revokes, a hold included. Nothing but the numbers is kept: lists of a million entries exist.
 */
export function readRevokedSerials(entries: DerValue | undefined, version: 1 | 2): ReadonlySet<string> | string {
  const serials = new Set<string>();
  if (entries === undefined) return serials;
  // Most entries say one of a few reasons in the very same bytes, so each way to say it is looked at once.
  const harmless = new Set<string>();
  for (const entry of eachChild(entries)) {
    const [serial, date, extensions, ...more] = eachChild(expectTag(entry, 0x30));
    if (!isTime(date) || more.length > 0) throw new MalformedDer('an entry that is not known');
    if (extensions !== undefined) {
      if (version === 1) throw new MalformedDer('extensions in a list of version 1');
      const bytes = extensions.raw.toString('latin1');
      const problem = harmless.has(bytes) ? undefined : limitation(extensions);
      if (problem !== undefined) return problem;
      if (harmless.size < maxRemembered) harmless.add(bytes);
    }
    serials.add(readIntegerContents(serial).toString('latin1'));
  }
  return serials;
}

const maxRemembered = 64;

const reasonCodeOid = '2.5.29.21';
const certificateIssuerOid = '2.5.29.29';
const removeFromCrl = 8;

/** Why an entry means something else than "the certificate of this number, of the issuer of this list, is revoked". */
function limitation(field: DerValue): string | undefined {
  const extensions = readExtensions(field);
  if (extensions.has(certificateIssuerOid))
    return 'is an indirect list, with entries for certificates of other authorities: write the own list of each';
  const reason = extensions.get(reasonCodeOid);
  if (reason !== undefined && expectTag(readDer(reason.value), 0x0a).contents[0] === removeFromCrl)
    return 'takes entries back (removeFromCRL), as only a delta list does: write the complete list of the authority instead';
  const unknown = [...extensions].find(([oid, { critical }]) => critical && oid !== reasonCodeOid);
  return unknown === undefined ? undefined : `has an entry with a critical extension that is not understood (${unknown[0]})`;
}
