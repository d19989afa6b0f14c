import type { CertificateIdentitySettings, CertificateValue } from '../config/certificate-identity-settings.ts';
import type { AccountLookup, CertificateMapping, MappedIdentity, MappingDetail } from './certificate-mapping.ts';
import { certificateValues, isPlainValue, quoteValue } from './certificate-value.ts';
import type { EmailAddress } from './email-address.ts';
import { readEmailAddress } from './email-address.ts';
import type { ReadMatch } from './value-pattern.ts';
import type { LeafFacts, ValidCertificate } from './verdict.ts';

/** One entry of `certificate_identities`, compiled. */
export interface IdentityRule {
  appliesTo(certificate: ValidCertificate): boolean;
  /** `lookUp` finds the account that the certificate was linked to; a rule that does not need it does not ask. */
  map(certificate: ValidCertificate, lookUp: () => AccountLookup): CertificateMapping;
}

export interface RuleReaders {
  readonly value: ReadMatch;
  readonly group: ReadMatch;
}

const longestUser = 512;

/** A rule about a value of the certificate. */
export type ValueRule = CertificateIdentitySettings & { readonly from: CertificateValue };

/** Whom such a rule stands for. */
export function mapByValue(rule: ValueRule, leaf: LeafFacts, readers: RuleReaders): CertificateMapping {
  const found = findValue(rule, leaf, readers.value);
  if ('kind' in found) return found;
  if (rule.to === 'email') return mapToEmail(rule, found.value, leaf, readers);
  if (found.value.length > longestUser) return refused(rule, found.value, `is longer than ${longestUser} characters`);
  return mapToUser(rule, { value: found.value, email: undefined }, leaf, readers);
}

export function notMapped({ name }: CertificateIdentitySettings, detail: MappingDetail, said: string): CertificateMapping {
  return { kind: 'not-mapped', detail, explanation: `rule ${quoteValue(name)} ${said}` };
}

/** The prefix keeps users of different rules apart from each other, and from those of the provider. */
export function userOfRule(rule: string, value: string): string {
  return `${rulePrefix}${rule}/${value}`;
}

const rulePrefix = 'certificate/';

export function groupsAndName(
  { groups, nameFrom }: CertificateIdentitySettings,
  leaf: LeafFacts,
  readGroup: ReadMatch,
): Pick<MappedIdentity, 'groups' | 'name'> {
  const names = nameFrom === undefined ? [] : certificateValues(leaf, nameFrom);
  const [name = ''] = names;
  const isName = names.length === 1 && name !== '' && name.length <= longestUser && isPlainValue(name, nameFrom);
  return { name: isName ? name : undefined, groups: groupsOf(groups, leaf, readGroup) };
}

function groupsOf(groups: CertificateIdentitySettings['groups'], leaf: LeafFacts, readGroup: ReadMatch): readonly string[] {
  if (groups.kind === 'fixed') return groups.groups;
  const { from, allowed } = groups;
  const found = certificateValues(leaf, from)
    .filter((text) => isPlainValue(text, from))
    .map(readGroup);
  return allowed.filter((group) => found.includes(group));
}

function sameText({ to }: ValueRule, value: string): string {
  return to === 'email' ? value.replace(/@[^@]*$/, (domain) => domain.toLowerCase()) : value;
}

/** Exactly one value: whoever has two names is not the one that happens to stand first. */
function findValue(rule: ValueRule, leaf: LeafFacts, read: ReadMatch): { readonly value: string } | CertificateMapping {
  const kind = rule.from;
  const texts = certificateValues(leaf, kind).filter((text) => read(text) !== undefined);
  // Two spellings of one domain are one address; of an address the rest is somebody's own.
  const values = [...new Map(texts.map((text) => [sameText(rule, read(text) ?? ''), read(text)])).values()];
  const [value, ...more] = values;
  if (value === undefined) return notMapped(rule, 'no-value', `finds no ${kind}${rule.match === undefined ? '' : ' that matches'}`);
  if (more.length > 0) {
    const some = values.slice(0, 5).map((each) => quoteValue(each ?? ''));
    return notMapped(rule, 'several-values', `finds ${values.length} values of ${kind} (${some.join(', ')}), expected one`);
  }
  // The text around what the group caught counts too: a NUL may stand in it.
  const odd = [value, ...texts].find((text) => !isPlainValue(text, kind));
  return odd === undefined ? { value } : refused(rule, odd, 'holds characters that may be read in two ways');
}

function mapToEmail(rule: CertificateIdentitySettings, value: string, leaf: LeafFacts, readers: RuleReaders): CertificateMapping {
  const address = readEmailAddress(value);
  if (address === undefined) return refused(rule, value, 'is no e-mail address');
  if (!mayGiveOut(rule, address)) return notMapped(rule, 'domain-not-allowed', `may not give out ${quoteValue(address.text)}`);
  return mapToUser(rule, { value: address.text, email: address.text }, leaf, readers);
}

/** Without domains the expression has to fix it; a rule with neither gives out nothing. */
function mayGiveOut({ domains, match }: CertificateIdentitySettings, { domain }: EmailAddress): boolean {
  return domains.length > 0 ? domains.includes(domain) : match !== undefined;
}

interface Found {
  readonly value: string;
  readonly email: string | undefined;
}

function mapToUser(rule: CertificateIdentitySettings, { value, email }: Found, leaf: LeafFacts, readers: RuleReaders): CertificateMapping {
  // A bare value that looks like the user of some rule would be that user.
  if (rule.sameUsersAsProvider && value.startsWith(rulePrefix)) return refused(rule, value, 'is how users of rules are called');
  const user = rule.sameUsersAsProvider ? value : userOfRule(rule.name, value);
  const sameBy = rule.to === 'email' ? 'email' : rule.sameUsersAsProvider ? 'user' : undefined;
  return { kind: 'mapped', identity: { rule: rule.name, user, email, ...groupsAndName(rule, leaf, readers.group), sameBy } };
}

function refused(rule: CertificateIdentitySettings, value: string, why: string): CertificateMapping {
  return notMapped(rule, 'value-refused', `refuses ${quoteValue(value)}: it ${why}`);
}
