import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccountLookup, MappedIdentity } from '../../src/certificate/certificate-mapping.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import type { LeafFacts } from '../../src/certificate/verdict.ts';
import type { CertificateLinkSettings } from '../../src/config/certificate-identity-settings.ts';
import { valid } from './frozen-times.ts';
import { certificateOf, linkOf, mapperOf, noAccount, ruleOf } from './identity-examples.ts';
import { bundleOf } from './trust-of.ts';

const linked = ruleOf({
  name: 'linked',
  from: 'linked',
  to: 'user',
  groups: { kind: 'fixed', groups: ['linked'] },
  nameFrom: 'subject_cn',
});
const [corp, namesake] = await Promise.all([
  issueAuthority({ ...valid, commonName: 'Corp' }),
  issueAuthority({ ...valid, commonName: 'Corp' }),
]);
const corpFile = { text: corp.certificatePem, label: 'corp.pem', path: ['certificate_links', 0, 'ca_file'] };
const keysOf = (authority: typeof corp): readonly string[] => bundleOf([authority]).anchors.map(({ facts }) => facts.spkiHash);

interface Asked {
  readonly leaf: Partial<LeafFacts>;
  readonly links?: readonly Partial<CertificateLinkSettings>[];
  readonly keys?: readonly string[];
  readonly account?: AccountLookup;
}

function mapped({ leaf, links = [], keys, account = noAccount() }: Asked): MappedIdentity | string {
  const mapping = mapperOf([linked], links.map(linkOf)).map(certificateOf(leaf, keys), () => account);
  return mapping.kind === 'mapped' ? mapping.identity : mapping.kind === 'not-mapped' ? mapping.detail : mapping.kind;
}

function userOf(asked: Asked): string {
  const identity = mapped(asked);
  return typeof identity === 'string' ? identity : identity.user;
}

describe('mapByLink()', () => {
  it('takes the account that the certificate was linked to', () => {
    const account = { user: 'alice-id', email: 'alice@corp.example', name: 'Alice' };
    const expected = { rule: 'linked', ...account, groups: ['linked'], sameBy: 'user' };
    deepEqual(mapped({ leaf: {}, account: { kind: 'account', account } }), expected);
    deepEqual(mapped({ leaf: { commonNames: ['Alice S.'] }, account: { kind: 'account', account } }), { ...expected, name: 'Alice S.' });
    equal(mapped({ leaf: {} }), 'no-value');
  });

  it('takes what the operator wrote before what people linked themselves', () => {
    const account: AccountLookup = { kind: 'account', account: { user: 'bob-id', email: undefined, name: 'Bob' } };
    deepEqual(mapped({ leaf: { sanEmail: ['alice@corp.example'] }, links: [{ user: 'alice-id' }], account }), {
      rule: 'linked',
      user: 'alice-id',
      email: undefined,
      name: undefined,
      groups: ['linked'],
      sameBy: 'user',
    });
  });

  it('knows somebody by an e-mail address alone, and not what the provider calls them', () => {
    deepEqual(mapped({ leaf: { sanDns: ['pc'] }, links: [{ subjectName: 'pc', email: 'Alice@CORP.example' }] }), {
      rule: 'linked',
      user: 'certificate/linked/Alice@corp.example',
      email: 'Alice@corp.example',
      name: undefined,
      groups: ['linked'],
      sameBy: 'email',
    });
  });

  it('compares every alternative name, as a whole', () => {
    const links = [{ subjectName: 'x', user: 'x-id' }];
    const leaves = [
      { sanDns: ['a', 'x'] },
      { sanEmail: ['x'] },
      { sanUri: ['x'] },
      { sanUpn: ['x'] },
      { sanDns: ['X'] },
      { sanDns: ['x.y'] },
    ];
    deepEqual(
      leaves.map((leaf) => userOf({ leaf, links })),
      ['x-id', 'x-id', 'x-id', 'x-id', 'no-value', 'no-value'],
    );
  });

  it('looks at the common name only where there is no other, and only where there is one', () => {
    const links = [{ subjectName: 'alice', user: 'alice-id' }];
    const leaves = [
      { commonNames: ['alice'] },
      { commonNames: ['alice', 'alice'] },
      { commonNames: ['alice', 'bob'] },
      { commonNames: ['alice'], sanDns: ['pc'] },
      // A name of another kind: an address for one.
      { commonNames: ['alice'], hasAlternativeNames: true },
    ];
    deepEqual(
      leaves.map((leaf) => userOf({ leaf, links })),
      ['alice-id', 'alice-id', 'no-value', 'no-value', 'no-value'],
    );
  });

  it('takes an entry with an authority before one without, and by its key', () => {
    const leaf = { sanEmail: ['alice@corp.example'] };
    const links = [{ user: 'anybody' }, { user: 'alice-id', ca: corpFile }];
    deepEqual(
      [keysOf(corp), keysOf(namesake), [...keysOf(namesake), ...keysOf(corp)]].map((keys) => userOf({ leaf, links, keys })),
      ['alice-id', 'anybody', 'alice-id'],
    );
    equal(userOf({ leaf, links: [{ user: 'alice-id', ca: corpFile }], keys: keysOf(namesake) }), 'no-value');
  });

  it('chooses nobody among several people', () => {
    const leaf = { sanEmail: ['alice@corp.example'], sanDns: ['pc'] };
    equal(userOf({ leaf, links: [{ user: 'alice-id' }, { user: 'bob-id', subjectName: 'pc' }] }), 'several-values');
    equal(userOf({ leaf, links: [{ user: 'alice-id' }, { user: 'alice-id', subjectName: 'pc' }] }), 'alice-id');
    equal(userOf({ leaf, links: [{ user: 'alice-id' }, { user: 'alice-id', email: 'a@b' }] }), 'several-values');
  });
});
