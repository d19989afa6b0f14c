import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { findPairFault } from '../../src/certificate/find-pair-fault.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };

function fault(certificate: string, key: string): ReturnType<typeof findPairFault> {
  return findPairFault({
    certificate: { text: certificate, label: 'client.pem', path: ['tls_client_cert_file'] },
    key: { text: key, label: 'client.key', path: ['tls_client_key_file'] },
  });
}

describe('findPairFault()', () => {
  let ca: Issued;
  let client: Issued;
  before(async () => {
    ca = await issueAuthority({ commonName: 'CA', ...validity });
    client = await issueClientCertificate(ca, { commonName: 'client', ...validity });
  });

  it('finds nothing wrong with a certificate, with or without its chain, and its key', () => {
    assert.equal(fault(client.certificatePem, client.keyPem), undefined);
    assert.equal(fault(client.certificatePem + ca.certificatePem, client.keyPem), undefined);
  });

  it('says which of the two is wrong, and quotes neither', async () => {
    const weak = await issueClientCertificate(ca, { commonName: 'weak', keyKind: 'RSA-1024', ...validity });
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const encrypted = createPrivateKey(client.keyPem).export(cipher);
    const unreadable = 'its key "client.key" is no private key in PEM, or is encrypted; write it without a passphrase';
    const cases: readonly (readonly [certificate: string, key: string, of: string, problem: string])[] = [
      ['garbage', client.keyPem, 'cert', 'expected a certificate in PEM'],
      [client.certificatePem + client.keyPem, client.keyPem, 'cert', 'block 2 of 2 is no certificate'],
      [client.certificatePem.replace('MI', 'MM'), client.keyPem, 'cert', 'block 1 of 1 is no certificate'],
      [client.certificatePem, 'garbage', 'key', unreadable],
      [client.certificatePem, encrypted, 'key', unreadable],
      [client.certificatePem, ca.keyPem, 'key', 'its key "client.key" belongs to another certificate'],
      [ca.certificatePem + client.certificatePem, client.keyPem, 'key', 'its key "client.key" belongs to another certificate'],
      [weak.certificatePem, weak.keyPem, 'cert', 'OpenSSL refuses it; use an RSA key of 2048 bits or more, or an EC key'],
    ];
    for (const [certificate, key, of, problem] of cases)
      assert.deepEqual(fault(certificate, key), {
        path: [`tls_client_${of}_file`],
        message: `Cannot present the certificate "client.pem": ${problem}`,
      });
  });
});
