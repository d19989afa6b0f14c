import { deepEqual, equal } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import { at, valid } from './frozen-times.ts';
import { general, nameConstraints } from './name-constraints-extension.ts';
import { trustOf } from './trust-of.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });

describe('certificateFacts()', () => {
  it('reads what judging needs', async () => {
    const options = { ...valid, commonName: 'alice', pathLength: 3, isCa: true, emails: ['a@x.test'], ipAddresses: ['10.0.0.1'] };
    const leaf = await issueClientCertificate(root, { ...options, extensions: [nameConstraints([general.dns('x.test')])] });
    const facts = certificateFacts(leaf.certificate);
    deepEqual(
      [facts?.isCa, facts?.pathLength, facts?.keyUsage, facts?.extendedKeyUsage, facts?.alternativeNames, facts?.nameConstraints],
      [
        true,
        3,
        { digitalSignature: true, keyCertSign: false, crlSign: false },
        ['1.3.6.1.5.5.7.3.2'],
        [
          { kind: 'ip', bytes: Buffer.of(10, 0, 0, 1) },
          { kind: 'email', text: 'a@x.test' },
        ],
        { permitted: [{ kind: 'dns', text: 'x.test' }], excluded: [] },
      ],
    );
  });

  it('refuses to read a certificate that has one extension twice', async () => {
    const usage = { oid: '2.5.29.37', critical: false, der: Buffer.from('300a06082b06010505070301', 'hex') };
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', extensions: [usage] });
    equal(certificateFacts(leaf.certificate), undefined);
  });

  it('refuses to read an extension with bytes behind its value, or name constraints with bounds', async () => {
    const trailing = { oid: '2.5.29.30', critical: true, der: Buffer.from('30000000', 'hex') };
    const bounded = { oid: '2.5.29.30', critical: true, der: Buffer.from('300ea00c300a8205782e746573748001', 'hex') };
    const minimum = { oid: '2.5.29.30', critical: true, der: Buffer.from('300fa00d300b8206782e74657374800101', 'hex') };
    for (const extension of [trailing, bounded, minimum]) {
      const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', extensions: [extension] });
      equal(certificateFacts(leaf.certificate), undefined);
    }
  });

  it('refuses to read basic constraints, key usages and extensions with more in them than they have', async () => {
    const extra = { oid: '2.5.29.19', critical: true, der: Buffer.from('30060101ff610161', 'hex') };
    const doubled = { oid: '2.5.29.19', critical: true, der: Buffer.from('30090101ff020100020103', 'hex') };
    const unused = { oid: '2.5.29.15', critical: true, der: Buffer.from('03020880', 'hex') };
    const empty = { oid: '2.5.29.15', critical: true, der: Buffer.from('0300', 'hex') };
    for (const extension of [extra, doubled, unused, empty]) {
      const options = extension.oid === '2.5.29.15' ? { keyUsage: [] } : { isCa: false };
      const leaf = await issueClientCertificate(root, { ...valid, ...options, commonName: 'alice', extensions: [extension] });
      equal(certificateFacts(leaf.certificate), undefined);
    }
  });

  it('refuses to read a certificate with a date that is none, of which Node now and then makes one', async () => {
    const { certificate } = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
    const bytes = Buffer.from(certificate.raw);
    bytes[bytes.indexOf('Z', bytes.indexOf(Buffer.from([0x17, 13]))) - 12] = 0x61;
    const readings = Array.from({ length: 500 }, () => {
      // What a sound one leaves behind is what Node may give for the other.
      certificateFacts(new X509Certificate(certificate.raw));
      return certificateFacts(new X509Certificate(bytes));
    });
    deepEqual(
      readings.filter((facts) => facts !== undefined),
      [],
    );
  });

  it('refuses to read extensions in a certificate of an older version, and versions that there are none of', async () => {
    const { certificate } = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
    const place = certificate.raw.indexOf(Buffer.from('a003020102', 'hex')) + 4;
    const readings = [2, 1, 3].map((version) => {
      const bytes = Buffer.from(certificate.raw);
      bytes[place] = version;
      return certificateFacts(new X509Certificate(bytes)) !== undefined;
    });
    deepEqual(readings, [true, false, false]);
  });

  it('refuses to read a certificate that names two signature algorithms', async () => {
    const { certificate } = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
    const bytes = Buffer.from(certificate.raw);
    const sha256 = Buffer.from('2a8648ce3d040302', 'hex');
    bytes[bytes.lastIndexOf(sha256) + sha256.length - 1] = 3;
    equal(certificateFacts(new X509Certificate(bytes)), undefined);
  });

  it('makes the judge refuse a leaf it cannot read', async () => {
    const extension = { oid: '2.5.29.30', critical: true, der: Buffer.from('30000000', 'hex') };
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', extensions: [extension] });
    const verdict = judge(leaf.certificate);
    deepEqual(
      [verdict.kind, verdict.kind === 'invalid' && verdict.detail, 'leaf' in verdict && verdict.leaf],
      ['invalid', 'unreadable', undefined],
    );
  });

  it('neither breaks nor lets pass a certificate with any one byte changed', async () => {
    const { certificate } = await issueClientCertificate(root, { ...valid, commonName: 'alice', emails: ['alice@corp.test'] });
    const outcomes = new Set<string>();
    for (let index = 0; index < certificate.raw.length; index += 1) {
      for (const change of [0x01, 0x20, 0x80]) {
        const bytes = Buffer.from(certificate.raw);
        bytes[index] = (bytes[index] ?? 0) ^ change;
        const changed = parse(bytes);
        // OpenSSL reads some other encodings of the same certificate and gives back the one that was signed.
        if (changed !== undefined && !changed.raw.equals(certificate.raw)) outcomes.add(judge(changed).kind);
      }
    }
    deepEqual([...outcomes], ['invalid']);
  });
});

function judge(leaf: X509Certificate): ReturnType<typeof judgeCertificate> {
  return judgeCertificate({ kind: 'presented', leaf, chain: [], tlsVerdict: undefined }, trustOf([root], { maxVerifyDepth: 1 }), at);
}

function parse(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    // What OpenSSL can't parse never arrives as a certificate.
    return undefined;
  }
}
