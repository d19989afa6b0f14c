import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readBoolean, readChildren, readOid } from './read-der.ts';

export interface Extension {
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Buffer;
}

/** Extensions by dotted OID, from the SEQUENCE that certificates, revocation lists and their entries write alike. One that comes twice is malformed. */
export function readExtensions(list: DerValue | undefined): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  for (const entry of readChildren(expectTag(list, 0x30))) {
    const [id, ...rest] = readChildren(expectTag(entry, 0x30));
    const oid = readOid(id);
    // RFC 5280 section 4.2: with two of a kind, readers disagree which one counts.
    if (extensions.has(oid)) throw new MalformedDer(`extension ${oid} twice`);
    if (rest.length > 2) throw new MalformedDer(`extension ${oid} with a field that is not known`);
    const critical = rest.length > 1 && readBoolean(rest[0]);
    extensions.set(oid, { critical, value: expectTag(rest.at(-1), 0x04).contents });
  }
  return extensions;
}
