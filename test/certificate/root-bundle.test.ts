import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { readRootBundle } from '../../src/certificate/root-bundle.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };

function read(text: string): ReturnType<typeof readRootBundle> {
  return readRootBundle({ text, label: 'ca.pem', path: ['certificate_authority_file'] });
}

describe('readRootBundle()', () => {
  let one: Issued;
  let two: Issued;
  let leaf: Issued;
  before(async () => {
    one = await issueAuthority({ commonName: 'One', ...validity });
    two = await issueAuthority({ commonName: 'Two', from: validity.from, to: new Date('2021-01-01T00:00:00Z') });
    leaf = await issueServerCertificate(one, { commonName: 'x', dnsNames: ['x'], ...validity });
  });

  it('counts every certificate once, a server’s own and expired ones included, without the text around them', () => {
    const text = `\uFEFFcomment\r\n${one.certificatePem}\n${two.certificatePem}between\n${leaf.certificatePem}${one.certificatePem}`;
    const authorities = [one, two, leaf].map(({ certificate }) => certificate.toString());
    assert.deepEqual(read(text), { ok: true, authorities });
  });

  it('takes nothing of a text that holds anything else', () => {
    const damaged = one.certificatePem.replace('-----END CERTIFICATE-----', '-----END CERTIFICATE----');
    const doubled = `-----BEGIN CERTIFICATE-----\n${Buffer.concat([one.certificate.raw, two.certificate.raw]).toString('base64')}\n-----END CERTIFICATE-----\n`;
    const problems: Readonly<Record<string, string>> = {
      '': 'it is empty, expected at least one PEM block "CERTIFICATE"',
      ' \n': 'it is empty, expected at least one PEM block "CERTIFICATE"',
      garbage: 'it holds no PEM block, expected at least one "CERTIFICATE"',
      [one.certificatePem + damaged]:
        'block 2 of 2 ("CERTIFICATE") is damaged: expected "-----BEGIN CERTIFICATE-----", base64, and the matching END line',
      [one.certificatePem + one.keyPem]: 'block 2 of 2 is a private key, which does not belong here: write certificates only',
      [one.certificatePem.replaceAll('CERTIFICATE', 'X509 CRL')]: 'block 1 of 1 is a "X509 CRL", expected "CERTIFICATE"',
      [one.certificatePem + doubled]: 'block 2 of 2 cannot be read as a certificate, remove it or write it anew',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n':
        'block 1 of 1 cannot be read as a certificate, remove it or write it anew',
    };
    for (const [text, problem] of Object.entries(problems))
      assert.deepEqual(read(text), { ok: false, message: `Cannot trust "ca.pem": ${problem}` });
  });
});
