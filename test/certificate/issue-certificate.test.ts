import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import {
  issueAuthority,
  issueClientCertificate,
  issueIntermediate,
  issueServerCertificate,
} from '../../src/certificate/issue-certificate.ts';
import { valid } from './frozen-times.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root', organization: 'Acme' });

describe('issueAuthority()', () => {
  it('makes a self-signed authority that may sign certificates and revocation lists and nothing else', () => {
    const facts = certificateFacts(root.certificate);
    equal(root.certificate.verify(root.certificate.publicKey), true);
    deepEqual(
      [facts?.subject, facts?.issuer, facts?.isCa, facts?.keyUsage, facts?.extendedKeyUsage],
      ['CN=Root,O=Acme', 'CN=Root,O=Acme', true, { digitalSignature: false, keyCertSign: true, crlSign: true }, undefined],
    );
    deepEqual([facts?.notBefore, facts?.notAfter], [valid.from.getTime(), valid.to.getTime()]);
  });

  it('gives every certificate a serial number of its own and the key it belongs to', async () => {
    const again = await issueAuthority({ ...valid, commonName: 'Root' });
    notEqual(again.certificate.serialNumber, root.certificate.serialNumber);
    match(root.certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
    ok(root.certificate.checkPrivateKey(createPrivateKey(root.keyPem)));
  });

  it('certifies a key that exists already when one is given', async () => {
    const renewed = await issueAuthority({ ...valid, commonName: 'Root', keyPem: root.keyPem });
    ok(renewed.certificate.publicKey.equals(root.certificate.publicKey));
  });

  it('refuses a key that it cannot sign with', async () => {
    const keyPem = generateKeyPairSync('x25519', {}).privateKey.export({ type: 'pkcs8', format: 'pem' });
    await rejects(issueAuthority({ ...valid, commonName: 'Root', keyPem }), /Cannot sign with a key of type "x25519"/);
  });
});

describe('issueIntermediate(), issueServerCertificate(), issueClientCertificate()', () => {
  it('sign with the key and the very name of their issuer, whatever kind of key it is', async () => {
    for (const keyKind of ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA-2048'] as const) {
      const ca = await issueAuthority({ ...valid, commonName: 'Ünï, "CA"', keyKind });
      const issued = [
        await issueIntermediate(ca, { ...valid, commonName: 'Middle' }),
        await issueServerCertificate(ca, { ...valid, commonName: 'x.test', dnsNames: ['x.test'] }),
        await issueClientCertificate(ca, { ...valid, commonName: 'alice', hash: 'SHA-512' }),
      ];
      deepEqual(
        issued.map(({ certificate }) => certificate.verify(ca.certificate.publicKey) && certificate.checkIssued(ca.certificate)),
        [true, true, true],
      );
    }
  });

  it('write a server certificate that is good for the hosts named and no others', async () => {
    const names = { dnsNames: ['x.test', '*.x.test'], ipAddresses: ['127.0.0.1', '::1'] };
    const { certificate } = await issueServerCertificate(root, { ...valid, commonName: 'x.test', ...names });
    deepEqual(
      [certificate.checkHost('a.x.test'), certificate.checkHost('y.test'), certificate.checkIP('127.0.0.1'), certificate.checkIP('::1')],
      ['*.x.test', undefined, '127.0.0.1', '::1'],
    );
    deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  });

  it('keep a common name that looks like something else as it is', async () => {
    const { certificate } = await issueClientCertificate(root, { ...valid, commonName: '#0500, O=Admins' });
    equal(certificateFacts(certificate)?.subject, 'CN=\\#0500\\, O=Admins');
  });
});
