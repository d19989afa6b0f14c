import type { DistinguishedName } from './distinguished-name.ts';
import { readDistinguishedName } from './distinguished-name.ts';
import type { DerValue } from './read-der.ts';
import { MalformedDer, expectTag, readChildren, readDer, readOid } from './read-der.ts';

/** A GeneralName (RFC 5280 section 4.2.1.6). Text is Latin-1, byte for byte: the standard allows ASCII only, and nothing may be lost. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly text: string }
  /** 4 or 16 bytes in a name; twice as many, address and mask, in a constraint. */
  | { readonly kind: 'ip'; readonly bytes: Buffer }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  /** Another form, told by its tag. Constraints can't compare it; a user principal name is the one that is looked into. */
  | { readonly kind: 'other'; readonly tag: number; readonly principalName?: string };

export function readGeneralNames(bytes: Buffer): readonly GeneralName[] {
  const names = readChildren(expectTag(readDer(bytes), 0x30)).map(readGeneralName);
  if (names.length === 0) throw new MalformedDer('an empty list of names');
  return names;
}

export function readGeneralName(value: DerValue): GeneralName {
  switch (value.tag) {
    case 0x81:
      return { kind: 'email', text: value.contents.toString('latin1') };
    case 0x82:
      return { kind: 'dns', text: value.contents.toString('latin1') };
    case 0x86:
      return { kind: 'uri', text: value.contents.toString('latin1') };
    case 0x87:
      return { kind: 'ip', bytes: value.contents };
    case 0xa4:
      return { kind: 'directory', name: readDirectoryName(value) };
    case 0xa0:
      return { kind: 'other', tag: value.tag, ...readPrincipalName(value) };
    default:
      return { kind: 'other', tag: value.tag };
  }
}

function readDirectoryName(value: DerValue): DistinguishedName {
  const [name, ...more] = readChildren(value);
  if (more.length > 0) throw new MalformedDer('a directory name that is several');
  return readDistinguishedName(name);
}

const principalNameOid = '1.3.6.1.4.1.311.20.2.3';

/** The otherName by which Windows knows a person. In another string type, or not in UTF-8, it is a name that nothing matches. */
function readPrincipalName(value: DerValue): { readonly principalName?: string } {
  const [type, wrapped] = readChildren(value);
  if (wrapped?.tag !== 0xa0 || readOid(type) !== principalNameOid) return {};
  const text = readChildren(wrapped)[0];
  if (text?.tag !== 0x0c) return {};
  const principalName = text.contents.toString('utf8');
  return Buffer.from(principalName, 'utf8').equals(text.contents) ? { principalName } : {};
}
