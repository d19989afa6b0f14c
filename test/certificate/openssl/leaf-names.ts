import { general } from '../name-constraints-extension.ts';
import type { NameForm } from './family.ts';
import { commonName, nameOf } from './family.ts';
import type { LeafChange } from './leaves.ts';
import type { CertificateForm } from './write-certificate.ts';
import { emailAddress } from './write-certificate.ts';

/** Names that every family permits. */
export const goodNames: ReadonlyMap<NameForm, Buffer> = new Map([
  ['dns', general.dns('pc-7.corp.test')],
  ['email', general.email('alice@corp.test')],
  ['uri', general.uri('https://app.corp.test/alice')],
  ['ip', general.ip(10, 1, 2, 3)],
]);

const { dns, email, uri, ip } = general;

/** What the name constraints of an authority on the path say, and what they say nothing of. */
export const nameChanges: readonly LeafChange[] = [
  beside('dns', 'a host that is not permitted', dns('corp.test.evil.test')),
  beside('dns', 'a host that only ends alike', dns('notcorp.test')),
  beside('email', 'an e-mail address that is not permitted', email('alice@evil.test')),
  beside('email', 'an e-mail address below the host that is permitted', email('alice@mail.corp.test')),
  beside('email', 'the e-mail address of another person', email('Bob@other.test')),
  beside('uri', 'a URI that is not permitted', uri('https://evil.test/https://app.corp.test/')),
  beside('uri', 'a URI of the host above the one that is permitted', uri('https://corp.test/')),
  beside('uri', 'a URI without a host', uri('urn:alice')),
  beside('ip', 'an address that is not permitted', ip(11, 1, 2, 3)),
  beside('ip', 'an address of the other family', ip(...Buffer.alloc(16, 10))),
  excluded('dns', 'a host that is excluded', dns('x.no.corp.test')),
  excluded('email', 'an e-mail address that is excluded', email('mallory@corp.test')),
  excluded('uri', 'a URI that is excluded', uri('https://no.corp.test/')),
  excluded('ip', 'an address that is excluded', ip(10, 66, 1, 1)),
  constrained('directory', 'a subject that is not permitted', () => ({ subject: nameOf('alice', 'Evil') })),
  constrained('directory', 'a subject that only begins alike', () => ({ subject: nameOf('alice', 'Corporation') })),
  constrained('email', 'an e-mail address in its subject that is not permitted', () => ({
    subject: [...nameOf('alice'), [emailAddress, 'alice@evil.test']],
  })),
  constrained('dns', 'a common name that is a host that is not permitted', () => ({
    subject: nameOf('www.evil.test'),
    alternativeNames: [],
  })),
  { ...constrained('directory', 'a subject in other letters', () => ({ subject: nameOf('alice', ' CORP') })), isGood: true },
  {
    ...constrained('dns', 'a common name that is a host that is permitted', () => ({
      subject: nameOf('www.corp.test'),
      alternativeNames: [],
    })),
    isGood: true,
  },
  { name: 'the leaf has two common names', isGood: true, change: () => ({ subject: [...nameOf('alice'), [commonName, 'Alice']] }) },
  {
    name: 'the leaf has no subject',
    isGood: true,
    change: ({ version }, { authorities }) =>
      version === 3 && authorities.length > 0 ? { subject: [], alternativeNames: [...goodNames.values()] } : undefined,
  },
];

/** Where an authority from the anchor downwards constrains this form of names. */
function constrained(form: NameForm, what: string, changed: (leaf: CertificateForm) => Partial<CertificateForm>): LeafChange {
  return {
    name: `the leaf has ${what}`,
    isGood: false,
    change(leaf, { constraints, anchors }) {
      const counts = constraints !== undefined && constraints.level >= (anchors[0] ?? 0) && constraints.forms.includes(form);
      return counts && leaf.version === 3 ? changed(leaf) : undefined;
    },
  };
}

function beside(form: NameForm, what: string, name: Buffer): LeafChange {
  return constrained(form, what, ({ alternativeNames }) => ({ alternativeNames: [...alternativeNames, name] }));
}

function excluded(form: NameForm, what: string, name: Buffer): LeafChange {
  const any = beside(form, what, name);
  return {
    ...any,
    change: (leaf, family, random) => (family.constraints?.excludes === true ? any.change(leaf, family, random) : undefined),
  };
}
