import type { DerValue } from './read-der.ts';
import { MalformedDer, checkInteger, contentsStart, expectTag, readDer, valueEnd } from './read-der.ts';
import { readExtensions } from './read-extensions.ts';
import { isTimeTag } from './read-time.ts';
import type { RevokedSerials } from './serial-table.ts';
import { longestSerial, packSerials } from './serial-table.ts';

/**
 * The serial numbers on a list, undefined being an empty one; a text tells why the list can't be used. Every entry revokes, a hold
 * included. Lists of a million entries exist: they are walked by offsets, without an object for a value, and only the numbers are kept.
 */
export function readRevokedSerials(entries: DerValue | undefined, version: 1 | 2): RevokedSerials | string {
  const bytes = entries?.contents ?? Buffer.alloc(0);
  const places = new Uint32Array(countValues(bytes));
  const harmless = new Set<string>();
  let offset = 0;
  for (const index of places.keys()) {
    const end = valueEnd(bytes, offset, bytes.length);
    if (bytes[offset] !== 0x30) throw new MalformedDer('an entry that is not known');
    const serial = contentsStart(bytes, offset);
    const date = serialEnd(bytes, serial, end);
    if (!isTimeTag(bytes[date])) throw new MalformedDer('an entry that is not known');
    const more = valueEnd(bytes, date, end);
    if (more < end && version === 1) throw new MalformedDer('extensions in a list of version 1');
    const problem = more === end || areUsual(bytes, more, end) ? undefined : unusualLimitation(bytes.subarray(more, end), harmless);
    if (problem !== undefined) return problem;
    places[index] = serial + 1;
    offset = end;
  }
  return packSerials(bytes, places);
}

function countValues(bytes: Buffer): number {
  let count = 0;
  for (let offset = 0; offset < bytes.length; count += 1) offset = valueEnd(bytes, offset, bytes.length);
  return count;
}

function serialEnd(bytes: Buffer, offset: number, limit: number): number {
  const end = valueEnd(bytes, offset, limit);
  const start = contentsStart(bytes, offset);
  if (bytes[offset] !== 0x02) throw new MalformedDer('a serial number that is none');
  if (end - start > longestSerial) throw new MalformedDer(`a serial number of more than ${longestSerial} bytes`);
  checkInteger(bytes, start, end);
  return end;
}

/**
 * Whether the extensions of an entry, between `start` and `end`, are of those that almost all lists have, each at most once, in the very
 * form in which they are harmless. Anything else is read as a whole, which takes twenty times as long.
 */
function areUsual(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] !== 0x30 || valueEnd(bytes, start, end) !== end) return false;
  let seen = 0;
  for (let offset = contentsStart(bytes, start); offset < end;) {
    const next = valueEnd(bytes, offset, end);
    const oid = contentsStart(bytes, offset);
    const value = oid + 5;
    if (next - oid < 7) return false;
    // An OBJECT IDENTIFIER of three bytes, all of 2.5.29 being so, and an OCTET STRING at once: it is not critical.
    const isKnownForm = bytes[offset] === 0x30 && bytes.readUInt32BE(oid) === 0x0603551d && bytes[value] === 0x04;
    const id = bytes[oid + 4] ?? 0;
    if (!isKnownForm || valueEnd(bytes, value, next) !== next || (seen & (1 << id)) !== 0) return false;
    if (id === reasonCode ? !isPlainReason(bytes, contentsStart(bytes, value), next) : id !== holdInstruction && id !== invalidityDate)
      return false;
    seen |= 1 << id;
    offset = next;
  }
  return true;
}

// The last numbers of 2.5.29.21, 23 and 24: all below 32, so that each has a bit.
const reasonCode = 21;
const holdInstruction = 23;
const invalidityDate = 24;

function isPlainReason(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 3 && bytes[start] === 0x0a && bytes[start + 1] === 1 && bytes[start + 2] !== removeFromCrl;
}

/** Entries that have something unusual to say mostly say it in the same bytes, so each way is looked at once. */
function unusualLimitation(extensions: Buffer, harmless: Set<string>): string | undefined {
  const bytes = extensions.toString('latin1');
  if (harmless.has(bytes)) return undefined;
  const problem = limitation(readDer(extensions));
  if (problem === undefined && harmless.size < maxRemembered) harmless.add(bytes);
  return problem;
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
