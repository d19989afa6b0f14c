import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MappedIdentity, MappingDetail } from '../../src/certificate/certificate-mapping.ts';
import type { LeafFacts } from '../../src/certificate/verdict.ts';
import type { CertificateIdentitySettings } from '../../src/config/certificate-identity-settings.ts';
import { certificateOf, mapperOf, noAccount, patternOf, ruleOf } from './identity-examples.ts';

type Rule = Partial<CertificateIdentitySettings>;
type Leaf = Partial<LeafFacts>;

function identityOf(rule: Rule, leaf: Leaf): MappedIdentity | MappingDetail | 'loading' {
  const mapping = mapperOf([ruleOf(rule)]).map(certificateOf(leaf), noAccount);
  return mapping.kind === 'mapped' ? mapping.identity : mapping.kind === 'not-mapped' ? mapping.detail : mapping.kind;
}

function userOf(rule: Rule, leaf: Leaf): string {
  const identity = identityOf(rule, leaf);
  return typeof identity === 'string' ? identity : identity.user;
}

function nameOf(commonNames: readonly string[]): unknown {
  const identity = identityOf({ nameFrom: 'subject_cn' }, { ...alice, commonNames });
  return typeof identity === 'object' && identity.name;
}

function said(rule: Rule, leaf: Leaf): string {
  const mapping = mapperOf([ruleOf(rule)]).map(certificateOf(leaf), noAccount);
  ok(mapping.kind === 'not-mapped');
  return mapping.explanation;
}

const alice: Leaf = { sanEmail: ['alice@corp.example'] };
const toUser: Rule = { to: 'user', domains: [] };

describe('mapByValue()', () => {
  it('takes two spellings of one domain for one address, and of a name before it for two', () => {
    equal(userOf({}, { sanEmail: ['alice@corp.example', 'alice@CORP.example'] }), 'certificate/staff/alice@corp.example');
    equal(userOf(toUser, { sanEmail: ['alice@corp.example', 'alice@CORP.example'] }), 'several-values');
  });

  it('makes an e-mail address, and a user id that no other rule and no provider gives out', () => {
    deepEqual(identityOf({}, alice), {
      rule: 'staff',
      user: 'certificate/staff/alice@corp.example',
      email: 'alice@corp.example',
      name: undefined,
      groups: [],
      sameBy: 'email',
    });
  });

  it('makes a user id without an e-mail address', () => {
    const expected = { rule: 'staff', user: 'certificate/staff/alice@corp.example', email: undefined, name: undefined, groups: [] };
    deepEqual(identityOf(toUser, alice), { ...expected, sameBy: undefined });
  });

  it('makes the user id of the provider where the rule says so', () => {
    const same = { sameUsersAsProvider: true };
    const expected = { rule: 'staff', user: 'alice@corp.example', name: undefined, groups: [] };
    deepEqual(identityOf({ ...toUser, ...same }, alice), { ...expected, email: undefined, sameBy: 'user' });
    deepEqual(identityOf(same, alice), { ...expected, email: 'alice@corp.example', sameBy: 'email' });
  });

  it('refuses a bare user id that looks like that of a rule', () => {
    equal(
      userOf({ ...toUser, sameUsersAsProvider: true, from: 'subject_cn' }, { commonNames: ['certificate/admins/root'] }),
      'value-refused',
    );
  });

  it('takes every kind of value', () => {
    const leaf: Leaf = {
      commonNames: ['cn'],
      subjectEmails: ['e@subject'],
      sanEmail: ['e@san'],
      sanUpn: ['ę@upn'],
      sanDns: ['host.example'],
      sanUri: ['spiffe://corp.example/a b'.replace(' ', '%20')],
    };
    const kinds = [
      ...(['subject_cn', 'subject_email', 'subject_dn', 'san_email', 'san_upn'] as const),
      ...(['san_dns', 'san_uri', 'serial', 'fingerprint', 'spki'] as const),
    ];
    deepEqual(
      kinds.map((from) => userOf({ ...toUser, name: from, from }, leaf)),
      [
        'certificate/subject_cn/cn',
        'certificate/subject_email/e@subject',
        'certificate/subject_dn/CN=alice,O=Corp',
        'certificate/san_email/e@san',
        'certificate/san_upn/ę@upn',
        'certificate/san_dns/host.example',
        'certificate/san_uri/spiffe://corp.example/a%20b',
        'certificate/serial/0A1B',
        `certificate/fingerprint/${'f0'.repeat(32)}`,
        'certificate/spki/FsDbM0rUYIiL3V339eIKqiz6HPSB+Pz2WeAWhqlqh8U=',
      ],
    );
  });

  // oxfmt-ignore
  const outcomes: readonly (readonly [what: string, rule: Rule, leaf: Leaf, expected: string])[] = [
    ['no value', {}, {}, 'no-value'],
    ['an empty value', {}, { sanEmail: [''] }, 'no-value'],
    ['two values', {}, { sanEmail: ['alice@corp.example', 'bob@corp.example'] }, 'several-values'],
    ['two values, one of which may not be given out', {}, { sanEmail: ['alice@corp.example', 'bob@other.example'] }, 'several-values'],
    ['two values that differ in case', {}, { sanEmail: ['alice@corp.example', 'Alice@corp.example'] }, 'several-values'],
    ['the same text twice', {}, { sanEmail: ['alice@corp.example', 'alice@corp.example'] }, 'certificate/staff/alice@corp.example'],
    ['two values, one of which matches', { match: patternOf('.+@corp\\.example') }, { sanEmail: ['alice@corp.example', 'x@y'] }, 'certificate/staff/alice@corp.example'],
    ['a value of which a part matches', { match: patternOf('alice') }, alice, 'no-value'],
    ['what the group caught', { ...toUser, match: patternOf('([a-z]+)@corp\\.example') }, alice, 'certificate/staff/alice'],
    ['what a named group caught', { ...toUser, match: patternOf('(?P<user>[a-z]+)@.*') }, alice, 'certificate/staff/alice'],
    ['a group that caught nothing', { ...toUser, match: patternOf('(x*)alice@.*') }, alice, 'no-value'],
    ['a group that took no part', { ...toUser, match: patternOf('(x)?alice@.*') }, alice, 'no-value'],
    ['two values of which the group caught the same', { ...toUser, match: patternOf('([a-z]+)@.*') }, { sanEmail: ['alice@corp.example', 'alice@x'] }, 'certificate/staff/alice'],
    ['a domain that is not allowed', {}, { sanEmail: ['alice@other.example'] }, 'domain-not-allowed'],
    ['a domain below an allowed one', {}, { sanEmail: ['alice@sub.corp.example'] }, 'domain-not-allowed'],
    ['an allowed domain that is only the end of the name', {}, { sanEmail: ['alice@evilcorp.example'] }, 'domain-not-allowed'],
    ['an allowed domain with a dot after it', {}, { sanEmail: ['alice@corp.example.'] }, 'domain-not-allowed'],
    ['an allowed domain in other case', {}, { sanEmail: ['Alice@CORP.Example'] }, 'certificate/staff/Alice@corp.example'],
    ['a domain that lower-cases to an allowed one', { from: 'san_upn', domains: ['work.example'] }, { sanUpn: ['alice@wor\u212a.example'] }, 'value-refused'],
    ['a domain that the expression fixes', { domains: [], match: patternOf('(.+@corp\\.example)') }, alice, 'certificate/staff/alice@corp.example'],
    ['a domain that nothing fixes', { domains: [] }, alice, 'domain-not-allowed'],
    ['no @', {}, { sanEmail: ['alice'] }, 'value-refused'],
    ['two @', {}, { sanEmail: ['alice@evil.example@corp.example'] }, 'value-refused'],
    ['nothing before the @', {}, { sanEmail: ['@corp.example'] }, 'value-refused'],
    ['nothing behind the @', {}, { sanEmail: ['alice@'] }, 'value-refused'],
    ['a space in an address', { from: 'subject_cn' }, { commonNames: ['alice smith@corp.example'] }, 'value-refused'],
    ['a NUL', {}, { sanEmail: ['admin@corp.example\0.evil@corp.example'] }, 'value-refused'],
    ['a NUL beside what the group caught', { match: patternOf('([a-z]+@corp\\.example).*') }, { sanEmail: ['admin@corp.example\0@evil.example'] }, 'value-refused'],
    ['a line end', { ...toUser, from: 'subject_cn' }, { commonNames: ['alice\nuser: root'] }, 'value-refused'],
    ['a right-to-left override', { ...toUser, from: 'subject_cn' }, { commonNames: ['alice\u202etoor'] }, 'value-refused'],
    ['a character that is not seen', { ...toUser, from: 'subject_cn' }, { commonNames: ['ali\u200bce'] }, 'value-refused'],
    ['half a character', { ...toUser, from: 'san_upn' }, { sanUpn: ['alice\ud800'] }, 'value-refused'],
    ['a space at the end, which a header loses', { ...toUser, from: 'subject_cn' }, { commonNames: ['alice '] }, 'value-refused'],
    ['spaces inside', { ...toUser, from: 'subject_cn' }, { commonNames: ['Alice Smith'] }, 'certificate/staff/Alice Smith'],
    ['bytes outside ASCII where the standard has none', { ...toUser, from: 'san_dns' }, { sanDns: ['b\u00fccher.example'] }, 'value-refused'],
    ['letters of every script', { ...toUser, from: 'subject_cn' }, { commonNames: ['Żółć 李'] }, 'certificate/staff/Żółć 李'],
    ['the longest e-mail address', {}, { sanEmail: [`${'a'.repeat(307)}@corp.example`] }, `certificate/staff/${'a'.repeat(307)}@corp.example`],
    ['a longer e-mail address', {}, { sanEmail: [`${'a'.repeat(308)}@corp.example`] }, 'value-refused'],
    ['the longest user id', { ...toUser, from: 'subject_cn' }, { commonNames: ['a'.repeat(512)] }, `certificate/staff/${'a'.repeat(512)}`],
    ['a longer user id', { ...toUser, from: 'subject_cn' }, { commonNames: ['a'.repeat(513)] }, 'value-refused'],
  ];
  for (const [what, rule, leaf, expected] of outcomes) it(`${what}: ${expected.slice(0, 60)}`, () => equal(userOf(rule, leaf), expected));

  it('gives everybody the groups that are fixed', () => {
    const identity = identityOf({ groups: { kind: 'fixed', groups: ['staff'] } }, alice);
    deepEqual(typeof identity === 'object' && identity.groups, ['staff']);
  });

  it('gives out the groups of the certificate that are allowed, and no other', () => {
    const units = {
      ...alice,
      organizationalUnits: ['admins', 'sales', 'unit-build', 'unit-\0root'],
      sanUri: ['urn:group:ops'],
      organizations: ['Corp'],
    };
    const groupsOf = (from: 'subject_ou' | 'subject_o' | 'san_uri', match?: string): unknown => {
      const groups = { kind: 'from', from, match: match === undefined ? undefined : patternOf(match) } as const;
      const identity = identityOf({ groups: { ...groups, allowed: ['sales', 'build', 'ops', 'Corp', 'root'] } }, units);
      return typeof identity === 'object' && identity.groups;
    };
    deepEqual(
      [groupsOf('subject_ou'), groupsOf('subject_ou', 'unit-(.*)'), groupsOf('san_uri', 'urn:group:(.*)'), groupsOf('subject_o')],
      [['sales'], ['build'], ['ops'], ['Corp']],
    );
    deepEqual(groupsOf('subject_ou', 'unit-.(root)'), []);
  });

  it('names the person where the certificate has one name that can be shown', () => {
    deepEqual([['Alice Smith'], ['Alice', 'Bob'], [], [''], ['Alice\u202e'], ['a'.repeat(513)]].map(nameOf), [
      'Alice Smith',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells the operator what was found, on one line', () => {
    deepEqual(
      [
        said({}, {}),
        said({ match: patternOf('x') }, alice),
        said({}, { sanEmail: ['a@b', 'c@d'] }),
        said({}, { sanEmail: ['alice@other.example'] }),
        said({}, { sanEmail: ['a'] }),
        said({ from: 'subject_cn' }, { commonNames: [`a\n\u202e${'b'.repeat(100)}`] }),
        said({ ...toUser, from: 'subject_cn' }, { commonNames: ['a'.repeat(513)] }),
      ],
      [
        'rule "staff" finds no san_email',
        'rule "staff" finds no san_email that matches',
        'rule "staff" finds 2 values of san_email ("a@b", "c@d"), expected one',
        'rule "staff" may not give out "alice@other.example"',
        'rule "staff" refuses "a": it is no e-mail address',
        `rule "staff" refuses "a\\n\\u{202e}${'b'.repeat(77)}…": it holds characters that may be read in two ways`,
        `rule "staff" refuses "${'a'.repeat(80)}…": it is longer than 512 characters`,
      ],
    );
  });
});
