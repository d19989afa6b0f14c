import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccountLookup, CertificateMapping } from '../../src/certificate/certificate-mapping.ts';
import { certificateOf, mapperOf, noAccount, ruleOf } from './identity-examples.ts';

const alice = { sanEmail: ['alice@corp.example'] };
const byCommonName = { name: 'devices', from: 'subject_cn', to: 'user', domains: [] } as const;
const linked = ruleOf({ name: 'linked', from: 'linked' });

function account(user: string): AccountLookup {
  return { kind: 'account', account: { user, email: undefined, name: undefined } };
}

function who(mapping: CertificateMapping): string {
  return mapping.kind === 'mapped' ? mapping.identity.user : mapping.kind === 'not-mapped' ? mapping.detail : mapping.kind;
}

function identityOf(mapping: CertificateMapping): unknown {
  return mapping.kind === 'mapped' ? mapping.identity : undefined;
}

/** Detail and rule, for rules that look at one kind of value each. */
function told(...values: readonly (readonly string[])[]): unknown {
  const kinds = ['san_email', 'san_upn', 'subject_cn'] as const;
  const rules = values.map((_, index) => ruleOf({ name: `rule-${index}`, from: kinds[index] ?? 'san_email' }));
  const [sanEmail = [], sanUpn = [], commonNames = []] = values;
  const mapping = mapperOf(rules).map(certificateOf({ sanEmail, sanUpn, commonNames }), noAccount);
  return mapping.kind === 'not-mapped' && [mapping.detail, /"(.*?)"/.exec(mapping.explanation)?.[1]];
}

describe('openCertificateMapper()', () => {
  it('takes the first rule that yields a value', () => {
    const mapper = mapperOf([ruleOf(), ruleOf(byCommonName)]);
    const certificates = [{ ...alice, commonNames: ['pc'] }, { commonNames: ['pc'] }, { sanEmail: ['x@y'], commonNames: ['pc'] }];
    deepEqual(
      certificates.map((leaf) => who(mapper.map(certificateOf(leaf), noAccount))),
      ['certificate/staff/alice@corp.example', 'certificate/devices/pc', 'certificate/devices/pc'],
    );
  });

  it('does not let the next rule choose among several values', () => {
    const mapper = mapperOf([ruleOf(), ruleOf(byCommonName)]);
    equal(
      who(mapper.map(certificateOf({ sanEmail: ['a@corp.example', 'b@corp.example'], commonNames: ['pc'] }), noAccount)),
      'several-values',
    );
  });

  it('tells of the rule that came furthest, the last one of several', () => {
    deepEqual(told(), ['no-rule', undefined]);
    deepEqual(told([], []), ['no-value', 'rule-1']);
    deepEqual(told(['refused'], []), ['value-refused', 'rule-0']);
    deepEqual(told(['refused'], ['refused'], []), ['value-refused', 'rule-1']);
    deepEqual(told(['a@other.example'], ['refused'], []), ['domain-not-allowed', 'rule-0']);
    deepEqual(told(['refused'], ['a@other.example'], ['a', 'b']), ['several-values', 'rule-2']);
  });

  it('gives one and the same identity for one and the same verdict', () => {
    const mapper = mapperOf([ruleOf()]);
    const certificate = certificateOf(alice);
    const first = identityOf(mapper.map(certificate, noAccount));
    notEqual(first, undefined);
    equal(identityOf(mapper.map(certificate, noAccount)), first);
    notEqual(identityOf(mapper.map({ ...certificate }, noAccount)), first);
    notEqual(identityOf(mapperOf([ruleOf()]).map(certificate, noAccount)), first);
  });

  it('looks an account up only where a rule comes to ask for it', () => {
    const asked: string[] = [];
    const accountOf = (fingerprint: string): AccountLookup => {
      asked.push(fingerprint);
      return account('alice-id');
    };
    const mapper = mapperOf([ruleOf(), linked]);
    equal(who(mapper.map(certificateOf(alice), accountOf)), 'certificate/staff/alice@corp.example');
    deepEqual(asked, []);
    equal(who(mapper.map(certificateOf({ fingerprint: 'ab' }), accountOf)), 'alice-id');
    deepEqual(asked, ['ab']);
  });

  it('waits for an account, and lets later rules try where there is none', async () => {
    const mapper = mapperOf([linked, ruleOf()]);
    const certificate = certificateOf(alice);
    const until = Promise.resolve();
    deepEqual(
      mapper.map(certificate, () => ({ kind: 'loading', until })),
      { kind: 'loading', until },
    );
    await until;
    equal(who(mapper.map(certificate, noAccount)), 'certificate/staff/alice@corp.example');
    deepEqual(
      mapper.map(certificate, () => ({ kind: 'loading', until })),
      { kind: 'loading', until },
    );
  });

  it('keeps an identity for as long as the account stays the same', () => {
    const mapper = mapperOf([linked, ruleOf()]);
    const certificate = certificateOf(alice);
    const lookup = account('alice-id');
    const first = mapper.map(certificate, () => lookup);
    equal(
      mapper.map(certificate, () => ({ ...lookup })),
      first,
    );
    // Linked anew: equal, and not the same.
    notEqual(
      mapper.map(certificate, () => account('alice-id')),
      first,
    );
    equal(who(mapper.map(certificate, noAccount)), 'certificate/staff/alice@corp.example');
    equal(who(mapper.map(certificate, () => account('bob-id'))), 'bob-id');
  });
});
