import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { MappedIdentity } from '../../src/certificate/certificate-mapping.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import type { LeafFacts } from '../../src/certificate/verdict.ts';
import type { CertificateIdentitySettings, CertificateValue } from '../../src/config/certificate-identity-settings.ts';
import { valid } from './frozen-times.ts';
import { certificateOf, mapperOf, noAccount, patternOf, ruleOf } from './identity-examples.ts';
import { bundleOf } from './trust-of.ts';

// The same name and other keys: whoever went by names would take one for the other.
const authorities = await Promise.all([1, 2].map(() => issueAuthority({ ...valid, commonName: 'Corp' })));
const keys = authorities.map((authority) => bundleOf([authority]).anchors.map(({ facts }) => facts.spkiHash));
const files = authorities.map(({ certificatePem }, index) => ({ text: certificatePem, label: `ca-${index}.pem`, path: [] }));

const runs = { seed: 6, numRuns: 1_500 };

// Pieces of what is dangerous, so that they often stand beside each other.
const piece = fc.constantFrom(
  'alice',
  'bob',
  '@',
  'corp.example',
  'other.example',
  '.',
  '/',
  'certificate/',
  'a',
  'A',
  '\0',
  '\n',
  ' ',
  '\u202e',
  '\u212a',
  'é',
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
  fc.constantFrom('alice@corp.example', 'bob@corp.example', 'alice@CORP.EXAMPLE', 'certificate/a/alice'),
  fc.string(),
);
const texts = fc.array(text, { maxLength: 2 });
type NameKind = 'commonNames' | 'subjectEmails' | 'organizationalUnits' | 'sanDns' | 'sanEmail' | 'sanUri' | 'sanUpn';

const leaf: fc.Arbitrary<Pick<LeafFacts, NameKind>> = fc.record({
  commonNames: texts,
  subjectEmails: texts,
  organizationalUnits: texts,
  sanDns: texts,
  sanEmail: texts,
  sanUri: texts,
  sanUpn: texts,
});
const value = fc.constantFrom<CertificateValue>(
  'subject_cn',
  'subject_email',
  'san_email',
  'san_upn',
  'san_dns',
  'san_uri',
  'subject_dn',
  'serial',
);
const match = fc.constantFrom(undefined, ...['.*', '(.*)@.*', '(.+@.+)', '(?s)(.*).*', '(?i)(.*)', '[a-z]*@?(.*)'].map(patternOf));
const rule = fc
  .record({
    from: value,
    match,
    to: fc.constantFrom('email' as const, 'user' as const),
    nameFrom: value,
    sameUsersAsProvider: fc.boolean(),
  })
  .map((parts): CertificateIdentitySettings => ruleOf({ ...parts, domains: parts.to === 'email' ? ['corp.example'] : [] }));

function identityOf(
  one: CertificateIdentitySettings,
  facts: Partial<LeafFacts>,
  anchorKeys: readonly string[] = [],
): MappedIdentity | undefined {
  const mapping = mapperOf([one]).map(certificateOf(facts, anchorKeys), noAccount);
  return mapping.kind === 'mapped' ? mapping.identity : undefined;
}

describe('a certificate never becomes somebody else by accident', () => {
  it('has no e-mail address outside the domains of the rule, and none that could be read in two ways', () => {
    let mapped = 0;
    fc.assert(
      fc.property(rule, leaf, (one, facts) => {
        const identity = identityOf(one, facts);
        if (identity === undefined) return;
        mapped += 1;
        assert.ok(identity.email === undefined || /^[^@\s\p{Cc}\p{Cf}]+@corp\.example$/u.test(identity.email));
        assert.equal(identity.email === undefined, one.to === 'user');
        assert.doesNotMatch(`${identity.user}${identity.name ?? ''}`, /[\p{Cc}\p{Cf}\p{Cs}]/u);
        assert.equal(identity.user, identity.user.trim());
      }),
      runs,
    );
    assert.ok(mapped > 100, `only ${mapped} certificates were mapped`);
  });

  it('is nobody by the rule of an authority that it does not lead to, whatever the name of that authority', () => {
    fc.assert(
      fc.property(rule, leaf, fc.constantFrom(0, 1), (one, facts, own) => {
        const other = 1 - own;
        const bound = { ...one, ca: files[own] };
        assert.equal(identityOf(bound, facts, keys[other]), undefined);
        assert.deepEqual(identityOf(bound, facts, keys[own]), identityOf(one, facts, keys[own]));
      }),
      { ...runs, numRuns: 300 },
    );
  });

  it('has no user id that another rule or a provider gives out', () => {
    const name = fc.constantFrom('a', 'a.b', 'certificate', 'alice');
    let mapped = 0;
    fc.assert(
      fc.property(rule, name, leaf, rule, name, leaf, (one, name1, facts1, other, name2, facts2) => {
        const first = identityOf({ ...one, name: name1, sameUsersAsProvider: false }, facts1)?.user;
        const second = identityOf({ ...other, name: name2 }, facts2)?.user;
        if (first === undefined || second === undefined) return;
        mapped += 1;
        assert.ok(first.startsWith(`certificate/${name1}/`));
        if (name1 !== name2 || other.sameUsersAsProvider) assert.notEqual(first, second);
      }),
      runs,
    );
    assert.ok(mapped > 30, `only ${mapped} pairs were mapped`);
  });

  it('is the same person whatever the order of its names', () => {
    fc.assert(
      fc.property(rule, leaf, (one, facts) => {
        const reversed = Object.fromEntries(Object.entries(facts).map(([kind, names]) => [kind, names.toReversed()]));
        assert.deepEqual(identityOf(one, reversed), identityOf(one, facts));
      }),
      runs,
    );
  });
});
