import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { SubjectAltNameRule } from '../../src/certificate/subject-alt-name-rule.ts';
import { compileSubjectAltNames } from '../../src/certificate/subject-alt-name-rule.ts';
import { writeContextPrimitive, writeDer, writeExplicit, writeOid, writeSequence } from '../../src/certificate/write-der.ts';
import type { SubjectAltNamePattern } from '../../src/config/downstream-mtls-settings.ts';
import { at, valid } from './frozen-times.ts';
import { trustOf } from './trust-of.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const alice = await leafOf({
  emails: ['alice@corp.test', 'a.smith@corp.test'],
  dnsNames: ['laptop.corp.test'],
  uris: ['spiffe://corp.test/alice'],
  ipAddresses: ['10.0.0.1', '2001:db8::1'],
  principalNames: ['alice@ad.corp.test'],
});
const nameless = await leafOf({});

describe('compileSubjectAltNames()', () => {
  // oxfmt-ignore
  const cases: readonly (readonly [patterns: readonly (readonly [SubjectAltNamePattern['type'], string])[], accepted: boolean])[] = [
    [[['email', 'alice@corp\\.test']], true],
    [[['email', '.*@corp\\.test']], true],
    [[['email', 'a\\.smith@corp\\.test']], true],
    [[['dns', 'laptop\\.corp\\.test']], true],
    [[['uri', 'spiffe://corp\\.test/(alice|bob)']], true],
    [[['ip_address', '10\\.0\\.0\\.[0-9]+']], true],
    [[['ip_address', '2001:db8::1']], true],
    [[['user_principal_name', '[a-z]+@ad\\.corp\\.test']], true],
    [[['email', 'ALICE@corp\\.test']], false],
    [[['email', '(?i)ALICE@corp\\.test']], true],
    // The whole name, not a part of it.
    [[['email', 'alice']], false],
    [[['email', '@corp\\.test']], false],
    [[['email', 'alice@corp\\.tes']], false],
    [[['dns', 'corp\\.test']], false],
    [[['email', 'a|alice@corp\\.test']], true],
    [[['email', 'alice|lice@corp\\.test']], false],
    [[['email', 'a.*?|b']], true],
    [[['email', '']], false],
    // Each type by itself.
    [[['dns', 'alice@corp\\.test']], false],
    [[['email', 'laptop\\.corp\\.test']], false],
    [[['user_principal_name', 'alice@corp\\.test']], false],
    [[['email', 'alice@ad\\.corp\\.test']], false],
    // Several patterns: one is enough, and each is anchored on its own. Joined, `alice` would bind the beginning and `test` the end.
    [[['email', 'nobody'], ['email', 'alice@corp\\.test']], true],
    [[['email', 'alice@corp\\.test'], ['email', 'nobody']], true],
    [[['email', 'nobody'], ['dns', 'laptop.*']], true],
    [[['email', 'alice'], ['email', 'test']], false],
    [[['email', 'nobody'], ['dns', 'nowhere']], false],
    // What would open the end of a line opens nothing.
    [[['email', '(?m)^alice$']], false],
  ];
  for (const [patterns, accepted] of cases) {
    it(`${accepted ? 'accepts' : 'refuses'} a certificate by ${JSON.stringify(patterns)}`, () => {
      deepEqual([acceptedBy(patterns, alice), acceptedBy(patterns, nameless)], [accepted, false]);
    });
  }

  it('makes no rule of no patterns', () => {
    deepEqual(compileSubjectAltNames([]), { ok: true, rule: undefined });
  });

  it('tells every expression that is none, with its place', () => {
    const compiled = compileSubjectAltNames([
      { type: 'email', pattern: '(', place: ['a'] },
      { type: 'dns', pattern: '.*', place: ['b'] },
      { type: 'uri', pattern: '(?=x)', place: ['c'] },
      { type: 'uri', pattern: 'a)|(b', place: ['d'] },
    ]);
    ok(!compiled.ok);
    deepEqual(
      compiled.problems.map(({ path }) => path),
      [['a'], ['c'], ['d']],
    );
    match(
      compiled.problems[0]?.message ?? '',
      /^cannot read email "\(": missing closing \): .*; write an RE2 expression for the whole name$/,
    );
  });

  it('takes no name for another because of a NUL, a line end, or letters in a string that has none', async () => {
    const rule = ruleOf([
      ['email', '(?s).*'],
      ['dns', '(?s).*'],
      ['uri', '(?s).*'],
      ['user_principal_name', '(?s).*'],
    ]);
    for (const tag of [1, 2, 6])
      for (const text of ['alice@corp.test\0.evil.test', 'alice\n', 'älice', ''])
        equal(
          rule.accepts(await namesIn(writeContextPrimitive(tag, Buffer.from(text, 'latin1')))),
          false,
          `${tag} ${JSON.stringify(text)}`,
        );
    for (const text of ['alice@corp.test\0.evil.test', 'alice\n', ''])
      equal(rule.accepts(await namesIn(principalName(0x0c, Buffer.from(text)))), false, JSON.stringify(text));
    equal(rule.accepts(await namesIn(principalName(0x0c, Buffer.from('älice')))), true, 'a user principal name is in UTF-8');
  });

  it('knows a user principal name by its identifier, as a string in UTF-8 and nothing else', async () => {
    const rule = ruleOf([['user_principal_name', 'alice']]);
    const text = Buffer.from('alice');
    const accepts = async (name: Buffer): Promise<boolean> => rule.accepts(await namesIn(name));
    deepEqual(
      [
        await accepts(principalName(0x0c, text)),
        await accepts(principalName(0x16, text)),
        await accepts(principalName(0x1e, Buffer.from('\0a\0l\0i\0c\0e'))),
        await accepts(principalName(0x0c, text, '1.3.6.1.4.1.311.20.2.4')),
        await accepts(writeDer(0xa0, writeOid('1.3.6.1.4.1.311.20.2.3'))),
        ruleOf([['user_principal_name', '.*']]).accepts(await namesIn(principalName(0x0c, Buffer.of(0xff, 0xfe)))),
      ],
      [true, false, false, false, false, false],
    );
  });

  it('makes a certificate without a matching name invalid, whatever else it is', () => {
    const trust = trustOf([root], { subjectAltNames: ruleOf([['email', 'bob@corp\\.test']]) });
    const verdicts = [alice, nameless].map((leaf) =>
      judgeCertificate({ kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: undefined }, trust, at),
    );
    deepEqual(
      verdicts.map((verdict) => verdict.kind === 'invalid' && [verdict.detail, verdict.explanation]),
      [
        [
          'san-mismatch',
          '"CN=alice" has 7 subject alternative names, none of them accepted where one must match (match_subject_alt_names)',
        ],
        ['san-mismatch', '"CN=alice" has no subject alternative name where one must match (match_subject_alt_names)'],
      ],
    );
  });

  it('is not answered from what was remembered under other patterns', () => {
    const connection = { kind: 'presented', leaf: alice.certificate, chain: [], tlsVerdict: undefined } as const;
    const kinds = ['bob.*', 'alice.*', 'bob.*'].map(
      (pattern) => judgeCertificate(connection, trustOf([root], { subjectAltNames: ruleOf([['email', pattern]]) }), at).kind,
    );
    deepEqual(kinds, ['invalid', 'valid', 'invalid']);
  });
});

function leafOf(names: Partial<IssueOptions>): Promise<Issued> {
  return issueClientCertificate(root, { ...valid, commonName: 'alice', ...names });
}

function ruleOf(patterns: readonly (readonly [SubjectAltNamePattern['type'], string])[]): SubjectAltNameRule {
  const compiled = compileSubjectAltNames(patterns.map(([type, pattern]) => ({ type, pattern, place: [] })));
  if (!compiled.ok || compiled.rule === undefined) throw new Error('these patterns are to make a rule');
  return compiled.rule;
}

function acceptedBy(patterns: Parameters<typeof ruleOf>[0], { certificate }: Issued): boolean {
  return ruleOf(patterns).accepts(certificateFacts(certificate)?.alternativeNames ?? []);
}

/** The names of a certificate that has exactly this one. */
async function namesIn(name: Buffer): Promise<Parameters<SubjectAltNameRule['accepts']>[0]> {
  const { certificate } = await leafOf({ extensions: [{ oid: '2.5.29.17', critical: false, der: writeSequence(name) }] });
  const names = certificateFacts(certificate)?.alternativeNames;
  equal(names?.length, 1);
  return names ?? [];
}

function principalName(tag: number, text: Buffer, oid = '1.3.6.1.4.1.311.20.2.3'): Buffer {
  return writeDer(0xa0, writeOid(oid), writeExplicit(0, writeDer(tag, text)));
}
