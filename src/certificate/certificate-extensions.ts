import type { GeneralName } from './general-name.ts';
import { readGeneralNames } from './general-name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { readNameConstraints } from './name-constraints.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readBoolean, readChildren, readDer, readOid, readSmallInteger } from './read-der.ts';

export interface CertificateExtensions {
  readonly isCa: boolean;
  /** How many intermediates may follow below; undefined: any number. */
  readonly pathLength: number | undefined;
  /** Undefined: the extension is absent, and with it the restriction. */
  readonly keyUsage: { readonly digitalSignature: boolean; readonly keyCertSign: boolean } | undefined;
  /** Dotted OIDs; undefined: the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly alternativeNames: readonly GeneralName[];
  readonly nameConstraints: NameConstraints | undefined;
  /** Dotted OIDs of critical extensions that are not processed here. */
  readonly unknownCritical: readonly string[];
}

/** Reads the `[3]` field of a certificate; undefined means a certificate without extensions. An extension that comes twice is malformed. */
export function readCertificateExtensions(field: DerValue | undefined): CertificateExtensions {
  const extensions = field === undefined ? new Map<string, Extension>() : readExtensions(field);
  const value = <T>(oid: string, read: (bytes: Buffer) => T): T | undefined => {
    const extension = extensions.get(oid);
    return extension === undefined ? undefined : read(extension.value);
  };
  const constraints = value(oids.basicConstraints, readBasicConstraints);
  return {
    isCa: constraints?.isCa ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: value(oids.keyUsage, readKeyUsage),
    extendedKeyUsage: value(oids.extendedKeyUsage, readExtendedKeyUsage),
    alternativeNames: value(oids.alternativeName, readGeneralNames) ?? [],
    nameConstraints: value(oids.nameConstraints, readNameConstraints),
    unknownCritical: [...extensions].filter(([oid, { critical }]) => critical && !processed.has(oid)).map(([oid]) => oid),
  };
}

interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

const oids = {
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
};

// Policies are processed by accepting any, as RFC 5280 section 6.1.1 (c) lets a user choose. What demands more of them
// (policyConstraints, inhibitAnyPolicy, policyMappings) is not processed, so it is refused where it is critical.
const processed: ReadonlySet<string> = new Set(Object.values(oids));

function readExtensions(field: DerValue): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  const [list] = readChildren(field);
  for (const entry of readChildren(expectTag(list, 0x30))) {
    const [id, ...rest] = readChildren(expectTag(entry, 0x30));
    const oid = readOid(id);
    // RFC 5280 section 4.2: with two of a kind, readers disagree which one counts.
    if (extensions.has(oid)) throw new MalformedDer(`extension ${oid} twice`);
    const critical = rest.length > 1 && readBoolean(rest[0]);
    extensions.set(oid, { critical, value: expectTag(rest.at(-1), 0x04).contents });
  }
  return extensions;
}

function readBasicConstraints(bytes: Buffer): { readonly isCa: boolean; readonly pathLength: number | undefined } {
  const fields = readChildren(expectTag(readDer(bytes), 0x30));
  const isCa = fields[0]?.tag === 0x01 && readBoolean(fields[0]);
  const length = fields.find(({ tag }) => tag === 0x02);
  return { isCa, pathLength: length === undefined ? undefined : readSmallInteger(length) };
}

function readKeyUsage(bytes: Buffer): { readonly digitalSignature: boolean; readonly keyCertSign: boolean } {
  const { contents } = expectTag(readDer(bytes), 0x03);
  // The first byte counts unused bits, the second holds bit 0 at its top.
  const bits = contents[1] ?? 0;
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 };
}

function readExtendedKeyUsage(bytes: Buffer): readonly string[] {
  return readChildren(expectTag(readDer(bytes), 0x30)).map(readOid);
}
