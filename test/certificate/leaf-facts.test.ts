import { deepEqual, equal } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import { presentedLeaf } from '../../src/certificate/leaf-facts.ts';
import { writeOid, writeSequence } from '../../src/certificate/write-der.ts';
import { at, valid } from './frozen-times.ts';
import { trustOf } from './trust-of.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });

describe('presentedLeaf()', () => {
  it('tells what a certificate says of itself, in its order, whether anybody vouches for it or not', async () => {
    const subject = [
      ['O', 'Corp'],
      ['O', 'Second'],
      ['OU', 'Staff'],
      ['OU', 'Ops'],
      ['CN', 'alice'],
      ['CN', 'Alice A.'],
      ['E', 'alice@corp.test'],
    ] as const;
    const names = { dnsNames: ['a.test'], emails: ['a@corp.test'], uris: ['spiffe://x/y'], principalNames: ['alice@AD.TEST'] };
    const stranger = await issueAuthority({ ...valid, commonName: 'Stranger' });
    const leaf = await issueClientCertificate(stranger, {
      ...valid,
      commonName: '',
      subject,
      ...names,
      serial: '0a0b',
      extensions: [policies('1.2.3.4', '1.2.3.5', '1.2.3.4')],
    });
    const presented = { kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: undefined } as const;
    const facts = presentedLeaf(presented);
    deepEqual(facts, {
      fingerprint: leaf.certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      spkiHash: facts?.spkiHash,
      subject: 'emailAddress=alice@corp.test,CN=Alice A.,CN=alice,OU=Ops,OU=Staff,O=Second,O=Corp',
      issuer: 'CN=Stranger',
      serial: '0A0B',
      notAfter: valid.to.getTime(),
      commonNames: ['alice', 'Alice A.'],
      organizations: ['Corp', 'Second'],
      organizationalUnits: ['Staff', 'Ops'],
      subjectEmails: ['alice@corp.test'],
      hasAlternativeNames: true,
      sanDns: ['a.test'],
      sanEmail: ['a@corp.test'],
      sanUri: ['spiffe://x/y'],
      sanUpn: ['alice@AD.TEST'],
      policyOids: ['1.2.3.4', '1.2.3.5'],
    });
    const verdict = judgeCertificate(presented, trustOf([root]), at);
    deepEqual(verdict.kind === 'invalid' && verdict.leaf, facts);
    equal(presentedLeaf(presented), facts);
  });

  it('leaves out text that it can not decode, and knows an address among the alternative names for one', async () => {
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', ipAddresses: ['10.0.0.1'] });
    const bytes = Buffer.from(leaf.certificate.raw);
    // No text any more, and OpenSSL lets it pass.
    bytes[bytes.lastIndexOf('alice') - 2] = 0x30;
    const facts = presentedLeaf({ kind: 'presented', leaf: new X509Certificate(bytes), chain: [], tlsVerdict: undefined });
    deepEqual([facts?.commonNames, facts?.hasAlternativeNames, facts?.sanDns], [[], true, []]);
  });

  it('tells nothing of what is not there or can not be read', async () => {
    const empty = { oid: '2.5.29.32', critical: false, der: writeSequence() };
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', extensions: [empty] });
    equal(presentedLeaf({ kind: 'none' }), undefined);
    equal(presentedLeaf({ kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: undefined }), undefined);
  });
});

describe('policiesGranted()', () => {
  it('are those of the leaf that no authority on its path left out of its own', async () => {
    const limited = await issueIntermediate(root, { ...valid, commonName: 'Limited', extensions: [policies('1.2.3.4')] });
    const any = await issueIntermediate(root, { ...valid, commonName: 'Any', extensions: [policies('2.5.29.32.0')] });
    const silent = await issueIntermediate(root, { ...valid, commonName: 'Silent' });
    const below = await issueIntermediate(limited, { ...valid, commonName: 'Below', extensions: [policies('1.2.3.4', '1.2.3.9')] });
    const listed = await issueAuthority({ ...valid, commonName: 'Listed', extensions: [policies('1.2.3.7')] });
    deepEqual(
      [
        await granted(root, []),
        await granted(limited, [limited]),
        await granted(any, [any]),
        await granted(silent, [silent]),
        await granted(below, [below, limited]),
        await granted(listed, [], [listed]),
        await granted(limited, [], [limited]),
      ],
      [
        ['1.2.3.4', '1.2.3.9'],
        ['1.2.3.4'],
        ['1.2.3.4', '1.2.3.9'],
        ['1.2.3.4', '1.2.3.9'],
        ['1.2.3.4'],
        ['1.2.3.4', '1.2.3.9'],
        ['1.2.3.4'],
      ],
    );
  });
});

async function granted(ca: Issued, chain: readonly Issued[], anchors: readonly Issued[] = [root]): Promise<readonly string[] | string> {
  const extensions = [policies('1.2.3.4', '1.2.3.9')];
  const leaf = await issueClientCertificate(ca, { ...valid, commonName: 'alice', extensions });
  const certificates = chain.map(({ certificate }) => certificate);
  const presented = { kind: 'presented', leaf: leaf.certificate, chain: certificates, tlsVerdict: undefined } as const;
  const verdict = judgeCertificate(presented, trustOf(anchors), at);
  return verdict.kind === 'valid' ? verdict.leaf.policyOids : verdict.kind;
}

function policies(...oids: readonly string[]) {
  return { oid: '2.5.29.32', critical: true, der: writeSequence(...oids.map((oid) => writeSequence(writeOid(oid)))) };
}
