import type { GeneralName } from './general-name.ts';
import { readGeneralNames } from './general-name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { readNameConstraints } from './name-constraints.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readBoolean, readChildren, readDer, readOid, readSmallInteger } from './read-der.ts';
import type { Extension } from './read-extensions.ts';
import { readExtensions } from './read-extensions.ts';

export interface CertificateExtensions {
  readonly isCa: boolean;
  /** How many intermediates may follow below; undefined: any number. */
  readonly pathLength: number | undefined;
  /** Undefined: the extension is absent, and with it the restriction. */
  readonly keyUsage: KeyUsageBits | undefined;
  /** Dotted OIDs; undefined: the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly alternativeNames: readonly GeneralName[];
  readonly nameConstraints: NameConstraints | undefined;
  /** Dotted OIDs of the certificate policies, as written; undefined: the extension is absent. */
  readonly policyOids: readonly string[] | undefined;
  /** Lower hex; what a revocation list calls the key of its issuer by. */
  readonly subjectKeyId: string | undefined;
  /** Dotted OIDs of critical extensions that are not processed here. */
  readonly unknownCritical: readonly string[];
}

export interface KeyUsageBits {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly crlSign: boolean;
}

/** Reads the `[3]` field of a certificate; undefined means a certificate without extensions. An extension that comes twice is malformed. */
export function readCertificateExtensions(field: DerValue | undefined): CertificateExtensions {
  const [list, ...others] = field === undefined ? [] : readChildren(field);
  if (others.length > 0) throw new MalformedDer('two lists of extensions');
  const extensions = field === undefined ? new Map<string, Extension>() : readExtensions(list);
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
    policyOids: value(oids.certificatePolicies, readPolicies),
    subjectKeyId: value(subjectKeyIdOid, (bytes) => expectTag(readDer(bytes), 0x04).contents.toString('hex')),
    unknownCritical: [...extensions].filter(([oid, { critical }]) => critical && !processed.has(oid)).map(([oid]) => oid),
  };
}

// Apart from the list of what may be critical: RFC 5280 section 4.2.1.2 forbids it for this one.
const subjectKeyIdOid = '2.5.29.14';

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

function readBasicConstraints(bytes: Buffer): { readonly isCa: boolean; readonly pathLength: number | undefined } {
  const fields = [...readChildren(expectTag(readDer(bytes), 0x30))];
  const isCa = fields[0]?.tag === 0x01 && readBoolean(fields.shift());
  const length = fields.shift();
  // Nothing else belongs there: OpenSSL takes such a certificate for none of an authority.
  if (fields.length > 0) throw new MalformedDer('basic constraints with a field that is not known');
  return { isCa, pathLength: length === undefined ? undefined : readSmallInteger(length) };
}

function readKeyUsage(bytes: Buffer): KeyUsageBits {
  const { contents } = expectTag(readDer(bytes), 0x03);
  const [unused] = contents;
  if (unused === undefined || unused > 7 || (unused > 0 && contents.length === 1)) throw new MalformedDer('a bit string that is none');
  // The first byte counts unused bits, the second holds bit 0 at its top.
  const bits = contents[1] ?? 0;
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0, crlSign: (bits & 0x02) !== 0 };
}

function readExtendedKeyUsage(bytes: Buffer): readonly string[] {
  return readChildren(expectTag(readDer(bytes), 0x30)).map(readOid);
}

/** RFC 5280 section 4.2.1.4; the qualifiers are texts for people. */
function readPolicies(bytes: Buffer): readonly string[] {
  const policies = readChildren(expectTag(readDer(bytes), 0x30)).map((policy) => readOid(readChildren(expectTag(policy, 0x30))[0]));
  if (policies.length === 0) throw new MalformedDer('an empty list of policies');
  return [...new Set(policies)];
}
