import type { DistinguishedName } from './distinguished-name.ts';
import { canonicalName, commonNameOid, emailAddressOid } from './distinguished-name.ts';
import type { GeneralName } from './general-name.ts';
import { readGeneralName } from './general-name.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer } from './read-der.ts';

/** RFC 5280 section 4.2.1.10: what names an authority may certify. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** The names of a certificate that constraints apply to. */
export interface NamedSubject {
  readonly subjectName: DistinguishedName;
  readonly alternativeNames: readonly GeneralName[];
}

export function readNameConstraints(bytes: Buffer): NameConstraints {
  const fields = [...readChildren(expectTag(readDer(bytes), 0x30))];
  const permitted = fields[0]?.tag === 0xa0 ? fields.shift() : undefined;
  const excluded = fields[0]?.tag === 0xa1 ? fields.shift() : undefined;
  // A second list of what is excluded would be one that is not looked at.
  if (fields.length > 0) throw new MalformedDer('name constraints with a field that is not known');
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
}

/** The first name that the constraints forbid, in words; undefined when all are allowed. A name that can't be compared is forbidden. */
export function forbiddenName(constraints: NameConstraints, subject: NamedSubject, isLeaf: boolean): string | undefined {
  return constrainedNames(subject, isLeaf)
    .filter((name) => !isAllowed(constraints, name))
    .map(describeName)[0];
}

function readSubtrees(field: DerValue | undefined): readonly GeneralName[] {
  if (field === undefined) return [];
  return readChildren(field).map((subtree) => {
    const [base, ...bounds] = readChildren(expectTag(subtree, 0x30));
    // Minimum and maximum are not used by any name form in RFC 5280; ignoring them would widen what is permitted.
    if (base === undefined || bounds.length > 0) throw new MalformedDer('a name constraint with bounds');
    return readGeneralName(base);
  });
}

function constrainedNames(subject: NamedSubject, isLeaf: boolean): readonly GeneralName[] {
  const attributes = subject.subjectName.flat();
  const textsOf = (type: string): readonly string[] => attributes.filter((each) => each.type === type).map(({ text }) => text ?? '');
  const emails = textsOf(emailAddressOid).map((text): GeneralName => ({ kind: 'email', text }));
  // A common name that looks like a host is one to servers that still read it, so it is held to the same rule (as OpenSSL does).
  const hasDnsName = subject.alternativeNames.some(({ kind }) => kind === 'dns');
  const hosts = isLeaf && !hasDnsName ? textsOf(commonNameOid).filter((text) => hostLike.test(text)) : [];
  return [
    ...(attributes.length === 0 ? [] : [{ kind: 'directory', name: subject.subjectName } as const]),
    ...emails,
    ...hosts.map((text): GeneralName => ({ kind: 'dns', text })),
    ...subject.alternativeNames,
  ];
}

const hostLike = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?$/i;

function isAllowed({ permitted, excluded }: NameConstraints, name: GeneralName): boolean {
  const sameForm = (base: GeneralName): boolean =>
    base.kind === name.kind && (base.kind !== 'other' || (name.kind === 'other' && base.tag === name.tag));
  const within = permitted.filter(sameForm);
  const outside = excluded.filter(sameForm);
  if (within.length + outside.length === 0) return true;
  // RFC 5280 section 4.2.1.10: process the constraint or reject the certificate.
  if (name.kind === 'other') return false;
  const verdicts = { within: within.map((base) => isInside(name, base)), outside: outside.map((base) => isInside(name, base)) };
  if ([...verdicts.within, ...verdicts.outside].includes(undefined)) return false;
  return !verdicts.outside.includes(true) && (within.length === 0 || verdicts.within.includes(true));
}

/** Undefined when name or base is not in a form that can be compared. */
function isInside(name: GeneralName, base: GeneralName): boolean | undefined {
  if (name.kind === 'dns' && base.kind === 'dns') return isHostInside(name.text, base.text);
  if (name.kind === 'email' && base.kind === 'email') return isEmailInside(name.text, base.text);
  if (name.kind === 'uri' && base.kind === 'uri') return isUriInside(name.text, base.text);
  if (name.kind === 'ip' && base.kind === 'ip') return isAddressInside(name.bytes, base.bytes);
  if (name.kind === 'directory' && base.kind === 'directory') return isNameInside(name.name, base.name);
  return undefined;
}

function isNameInside(name: DistinguishedName, base: DistinguishedName): boolean | undefined {
  const [parts, baseParts] = [canonicalName(name), canonicalName(base)];
  for (const [index, part] of baseParts.entries()) {
    if (part === parts[index]) continue;
    // An attribute in a string type that is not read may say what is excluded in other bytes.
    const unread = [...(name[index] ?? []), ...(base[index] ?? [])].some(({ text }) => text === undefined);
    return unread ? undefined : false;
  }
  return true;
}

function isHostInside(host: string, base: string): boolean {
  const [name, root] = [plainHost(host), plainHost(base)];
  // A leading dot is not in the RFC for host names; where it is met it means "below, not the name itself".
  return root === '' || (root.startsWith('.') ? name.endsWith(root) : name === root || name.endsWith(`.${root}`));
}

function isEmailInside(address: string, base: string): boolean | undefined {
  const at = address.lastIndexOf('@');
  if (at < 1) return undefined;
  const host = address.slice(at + 1);
  const baseAt = base.lastIndexOf('@');
  // Some write `@host` for everybody there.
  if (baseAt < 1) return isHostNamed(host, base.slice(baseAt + 1));
  return address.slice(0, at) === base.slice(0, baseAt) && plainHost(host) === plainHost(base.slice(baseAt + 1));
}

function isUriInside(uri: string, base: string): boolean | undefined {
  // A backslash or a space is where readers disagree about the end of the host.
  const authority = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\\\s]*@)?([a-z0-9._-]+)(?::[0-9]*)?(?:[/?#]|$)/i.exec(uri)?.[1];
  // An address instead of a name must be rejected where URIs are constrained (RFC 5280 section 4.2.1.10).
  if (authority === undefined || /^[0-9.]+$/.test(authority)) return undefined;
  return isHostNamed(authority, base);
}

/** Undefined for a base that names no host: to some readers it means every one, to others none. */
function isHostNamed(host: string, base: string): boolean | undefined {
  const [name, root] = [plainHost(host), plainHost(base)];
  if (root === '') return undefined;
  return root.startsWith('.') ? name.endsWith(root) : name === root;
}

function isAddressInside(address: Buffer, base: Buffer): boolean | undefined {
  const size = address.length;
  if (size !== 4 && size !== 16) return undefined;
  if (base.length !== 2 * size) return base.length === 8 || base.length === 32 ? false : undefined;
  return address.every((byte, index) => {
    const mask = base[size + index] ?? 0;
    return (byte & mask) === ((base[index] ?? 0) & mask);
  });
}

/** One spelling of a host name: a dot at the end changes nothing. */
function plainHost(host: string): string {
  const lower = host.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

function describeName(name: GeneralName): string {
  if (name.kind === 'ip') return 'an IP address';
  if (name.kind === 'directory') return 'its subject';
  return name.kind === 'other' ? 'a name of a form that cannot be compared' : `"${name.text}"`;
}
