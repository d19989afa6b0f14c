import type { CertificateIdentitySettings } from '../config/certificate-identity-settings.ts';
import type { AccountLookup, CertificateMapping, MappedIdentity } from './certificate-mapping.ts';
import { groupsAndName, notMapped, userOfRule } from './identity-rule.ts';
import type { ReadMatch } from './value-pattern.ts';
import type { LeafFacts, ValidCertificate } from './verdict.ts';

/** One entry of `certificate_links`, compiled. */
export interface OperatorLink {
  readonly subjectName: string;
  /** Keys (`spkiHash`) of its authorities; undefined: whichever the certificate leads to. */
  readonly caKeys: ReadonlySet<string> | undefined;
  /** One of the two at least. */
  readonly user: string | undefined;
  readonly email: string | undefined;
}

export interface LinkedRule {
  readonly rule: CertificateIdentitySettings;
  readonly links: readonly OperatorLink[];
  readonly readGroup: ReadMatch;
}

/** Whom a rule `from: linked` stands for: what the operator wrote counts first, then what people linked themselves. */
export function mapByLink(
  { rule, links, readGroup }: LinkedRule,
  certificate: ValidCertificate,
  lookUp: () => AccountLookup,
): CertificateMapping {
  const people = peopleOf(linksOf(links, certificate));
  const [written, ...others] = people;
  if (others.length > 0) {
    return notMapped(rule, 'several-values', `finds ${people.length} people in certificate_links, expected one`);
  }
  const lookup = written === undefined ? lookUp() : { kind: 'account' as const, account: { ...written, name: undefined } };
  if (lookup.kind === 'loading') return lookup;
  if (lookup.kind === 'none') return notMapped(rule, 'no-value', 'finds no account that the certificate was linked to');
  const { account } = lookup;
  const { name, groups } = groupsAndName(rule, certificate.leaf, readGroup);
  return { kind: 'mapped', identity: { rule: rule.name, name: name ?? account.name, groups, ...whoIs(rule, account) } };
}

function whoIs(
  { name }: CertificateIdentitySettings,
  { user, email }: Pick<OperatorLink, 'user' | 'email'>,
): Pick<MappedIdentity, 'user' | 'email' | 'sameBy'> {
  // An e-mail alone says nothing of what the provider calls the person.
  return user === undefined ? { user: userOfRule(name, email ?? ''), email, sameBy: 'email' } : { user, email, sameBy: 'user' };
}

/** Entries that name an authority go before those for any: the name alone may be somebody else's at another authority. */
function linksOf(links: readonly OperatorLink[], { leaf, anchorKeys }: ValidCertificate): readonly OperatorLink[] {
  const names = namesOf(leaf);
  const named = links.filter(({ subjectName }) => names.includes(subjectName));
  const ofAuthority = named.filter(({ caKeys }) => caKeys !== undefined && anchorKeys.some((key) => caKeys.has(key)));
  return ofAuthority.length > 0 ? ofAuthority : named.filter(({ caKeys }) => caKeys === undefined);
}

/** The common name only where there is nothing better, and only where there is one (RFC 6125 section 6.4.4). */
function namesOf({ hasAlternativeNames, commonNames, sanDns, sanEmail, sanUri, sanUpn }: LeafFacts): readonly string[] {
  if (hasAlternativeNames) return [...sanDns, ...sanEmail, ...sanUri, ...sanUpn];
  return new Set(commonNames).size === 1 ? commonNames : [];
}

function peopleOf(links: readonly OperatorLink[]): readonly OperatorLink[] {
  return [...new Map(links.map((link) => [JSON.stringify([link.user ?? null, link.email ?? null]), link])).values()];
}
