import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileCertificateIdentities } from '../../src/certificate/compile-certificate-identities.ts';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { CertificateIdentitySettings } from '../../src/config/certificate-identity-settings.ts';
import type { NamedText } from '../../src/config/settings.ts';
import { at, valid } from './frozen-times.ts';
import { linkOf, mapperOf, noAccount, patternOf, ruleOf } from './identity-examples.ts';
import { trustOf } from './trust-of.ts';

const [corp, namesake] = await Promise.all([
  issueAuthority({ ...valid, commonName: 'Corp' }),
  issueAuthority({ ...valid, commonName: 'Corp' }),
]);
const department = await issueIntermediate(corp, { ...valid, commonName: 'Department' });

function fileOf(...authorities: readonly Issued[]): NamedText {
  return { text: authorities.map(({ certificatePem }) => certificatePem).join(''), label: 'ca.pem', path: ['rule', 'ca_file'] };
}

function leafOf(ca: Issued, options: Partial<IssueOptions> = {}): Promise<Issued> {
  return issueClientCertificate(ca, { ...valid, commonName: 'alice', emails: ['alice@corp.example'], ...options });
}

function userOf(
  rules: readonly CertificateIdentitySettings[],
  leaf: Issued,
  anchors: readonly Issued[],
  chain: readonly Issued[] = [],
): string {
  const presented = {
    kind: 'presented',
    leaf: leaf.certificate,
    chain: chain.map(({ certificate }) => certificate),
    tlsVerdict: undefined,
  } as const;
  const verdict = judgeCertificate(presented, trustOf(anchors), at);
  ok(verdict.kind === 'valid', JSON.stringify(verdict));
  const mapping = mapperOf(rules).map(verdict, noAccount);
  return mapping.kind === 'mapped' ? mapping.identity.user : mapping.kind === 'not-mapped' ? mapping.detail : mapping.kind;
}

describe('compileCertificateIdentities()', () => {
  it('goes by the key of an authority: another one of the same name is another one', async () => {
    const rules = [ruleOf({ name: 'corp', ca: fileOf(corp) }), ruleOf({ name: 'namesake', ca: fileOf(namesake) })];
    const anchors = [corp, namesake];
    equal(userOf(rules, await leafOf(corp), anchors), 'certificate/corp/alice@corp.example');
    equal(userOf(rules, await leafOf(namesake), anchors), 'certificate/namesake/alice@corp.example');
    equal(userOf(rules.slice(0, 1), await leafOf(namesake), anchors), 'no-rule');
  });

  it('knows an authority by its key also where it was certified anew', async () => {
    const renewed = await issueAuthority({ ...valid, commonName: 'Corp', keyPem: corp.keyPem });
    equal(userOf([ruleOf({ ca: fileOf(renewed) })], await leafOf(corp), [corp]), 'certificate/staff/alice@corp.example');
  });

  it('is for every authority of its file, and for every one that a certificate leads to', async () => {
    const leaf = await leafOf(department);
    for (const ca of [fileOf(namesake, corp), fileOf(department)])
      equal(userOf([ruleOf({ ca })], leaf, [corp, department]), 'certificate/staff/alice@corp.example');
    equal(userOf([ruleOf({ ca: fileOf(namesake) })], leaf, [corp, department, namesake]), 'no-rule');
  });

  it('reads what an authority wrote into the certificate', async () => {
    const leaf = await leafOf(corp, {
      subject: [
        ['O', 'Corp'],
        ['OU', 'sales'],
        ['OU', 'admins'],
        ['CN', 'Alice'],
      ],
      principalNames: ['alice@ad.corp.example'],
      serial: '0a1b2c',
    });
    const users = (['san_upn', 'subject_cn', 'subject_dn', 'serial'] as const).map((from) =>
      userOf([ruleOf({ from, to: 'user', domains: [] })], leaf, [corp]),
    );
    deepEqual(users, [
      'certificate/staff/alice@ad.corp.example',
      'certificate/staff/Alice',
      'certificate/staff/CN=Alice,OU=admins,OU=sales,O=Corp',
      'certificate/staff/0A1B2C',
    ]);
  });

  it('tells every problem with its place', () => {
    const place = ['certificate_identities', 0, 'groups_match'];
    const compiled = compileCertificateIdentities({
      rules: [
        ruleOf({ ca: { text: '', label: 'empty.pem', path: ['certificate_identities', 0, 'ca_file'] }, match: patternOf('(') }),
        ruleOf({
          match: patternOf('(a)|(b)'),
          groups: { kind: 'from', from: 'subject_ou', match: { pattern: '[', place }, allowed: ['x'] },
        }),
      ],
      links: [linkOf({ email: 'alice', ca: { text: '', label: 'none.pem', path: ['certificate_links', 0, 'ca_file'] } })],
      at,
    });
    const cure = 'write an RE2 expression for the whole value, with one group at most';
    const empty = 'it is empty, expected at least one PEM block "CERTIFICATE"';
    deepEqual(compiled, {
      ok: false,
      problems: [
        {
          code: 'invalid-value',
          path: ['certificate_links', 0, 'email'],
          message: 'cannot use "alice" as e-mail address of a linked certificate; write one with exactly one "@"',
        },
        { code: 'invalid-client-ca', path: ['certificate_links', 0, 'ca_file'], message: `Cannot use "none.pem" as client CA: ${empty}` },
        {
          code: 'invalid-client-ca',
          path: ['certificate_identities', 0, 'ca_file'],
          message: `Cannot use "empty.pem" as client CA: ${empty}`,
        },
        { code: 'invalid-expression', path: ['match'], message: `cannot use match "(": missing closing ): \`(\`; ${cure}` },
        {
          code: 'invalid-expression',
          path: ['match'],
          message: `cannot use match "(a)|(b)": it has 2 capture groups, and which of them is the value would be a guess; ${cure}`,
        },
        { code: 'invalid-expression', path: place, message: `cannot use match "[": missing closing ]: \`[\`; ${cure}` },
      ],
    });
  });
});
