import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateTrust } from '../../src/certificate/certificate-trust.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import type { PresentedCertificate } from '../../src/http/connection.ts';
import { at, past, valid } from './frozen-times.ts';
import { crlsOf, trustOf } from './trust-of.ts';
import { listOf, reason, serialOf, tomorrow, versionOne, yesterday } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const other = await issueAuthority({ ...valid, commonName: 'Other' });
const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
const [alice, bob, ofOther, ofNamesake, deep] = await Promise.all([
  leafOf(root, 'alice'),
  leafOf(root, 'bob'),
  leafOf(other, 'alice'),
  leafOf(namesake, 'alice'),
  leafOf(middle, 'alice'),
]);

describe('revocation lists in judgeCertificate()', () => {
  it('refuses a certificate that is on the list of its issuer, and no other', () => {
    const trust = revoking(listOf(root, [alice]), [root, other]);
    deepEqual(
      [alice, bob, ofOther].map((leaf) => word(judge(leaf, trust))),
      ['revoked', 'valid', 'valid'],
    );
  });

  it('takes every reason for revoked, a hold included, and lists of version 1', () => {
    for (const code of [0, 1, 6, 10]) {
      const entry = { serial: serialOf(alice), at: yesterday, extensions: [reason(code)] };
      equal(word(judge(alice, revoking(listOf(root, [], { revoked: [entry] }), [root]))), 'revoked', `reason ${code}`);
    }
    equal(word(judge(alice, revoking(versionOne(root, [alice]), [root]))), 'revoked');
  });

  it('takes a date of revocation that is yet to come for revoked: the issuer has said so', () => {
    const entry = { serial: serialOf(alice), at: tomorrow };
    equal(word(judge(alice, revoking(listOf(root, [], { revoked: [entry] }), [root]))), 'revoked');
  });

  it('does not apply the list of one authority to another of the same name', () => {
    const anchors = [root, namesake];
    const numbers = [alice, ofNamesake].map((leaf) => ({ serial: serialOf(leaf), at: yesterday }));
    const trust = revoking(listOf(namesake, [], { revoked: numbers }), anchors);
    deepEqual(
      [alice, ofNamesake].map((leaf) => word(judge(leaf, trust))),
      ['valid', 'revoked'],
    );
    const both = revoking(listOf(root, []) + listOf(namesake, [ofNamesake]), anchors);
    deepEqual(
      [alice, ofNamesake].map((leaf) => word(judge(leaf, both))),
      ['valid', 'revoked'],
    );
  });

  it('does not apply the list of one authority to another that has the same key', async () => {
    const renamed = await issueAuthority({ ...valid, commonName: 'Renamed', keyPem: root.keyPem });
    const trust = revoking(listOf(root, [alice]), [root, renamed]);
    deepEqual([word(judge(alice, trust)), word(judge(await leafOf(renamed, 'alice'), trust))], ['revoked', 'valid']);
  });

  it('applies the list to certificates of the same authority renewed', async () => {
    const renewed = await issueAuthority({ ...valid, commonName: 'Root', keyPem: root.keyPem });
    equal(word(judge(alice, revoking(listOf(renewed, [alice]), [renewed]))), 'revoked');
    const old = await issueAuthority({ ...past, commonName: 'Root', keyPem: root.keyPem });
    equal(word(judge(alice, revoking(listOf(root, [alice]), [old, root]))), 'revoked');
  });

  it('looks at the direct issuer of the leaf and at nobody above', () => {
    const lists = listOf(root, [middle]) + listOf(middle, []);
    equal(word(judge(deep, revoking(lists, [root, middle]), [middle])), 'valid');
    equal(word(judge(deep, revoking(listOf(middle, [deep]), [root, middle]), [middle])), 'revoked');
    equal(word(judge(deep, revoking(listOf(root, [deep]), [root]), [middle])), 'valid', 'the number of another issuer');
  });

  it('refuses a certificate that is itself in the CA file when the authority beside it revoked it', async () => {
    const pinned = await issueIntermediate(root, { ...valid, commonName: 'pinned', keyUsage: ['digitalSignature', 'keyCertSign'] });
    const verdictOf = (revoked: readonly Issued[]): string => word(judge(pinned, revoking(listOf(root, revoked), [pinned, root])));
    deepEqual([verdictOf([pinned]), verdictOf([])], ['revoked', 'valid']);
  });

  it('refuses every certificate of an authority whose list is out of date, and no others', () => {
    const overdue = revoking(listOf(root, [alice], { from: yesterday, to: new Date(at - 1000) }), [root, other]);
    const early = revoking(listOf(root, [], { from: new Date(at + 1000) }), [root, other]);
    for (const trust of [overdue, early])
      deepEqual(
        [alice, bob, ofOther].map((leaf) => word(judge(leaf, trust))),
        ['crl-expired', 'crl-expired', 'valid'],
      );
    match(explanation(judge(bob, overdue)), /^the revocation list of "CN=Root" was due to be replaced at 2026-06-01T11:59:59\.000Z$/);
    match(explanation(judge(bob, early)), /^the revocation list of "CN=Root" does not count before 2026-06-01T12:00:01\.000Z$/);
    equal(word(judge(bob, revoking(listOf(root, [], { to: undefined }), [root]))), 'valid');
  });

  it('says first what is wrong with the certificate itself', async () => {
    const expired = await issueClientCertificate(root, { ...past, commonName: 'alice' });
    const forServers = await issueClientCertificate(root, { ...valid, commonName: 'alice', extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] });
    const trust = revoking(listOf(root, [expired, forServers, alice]), [root]);
    deepEqual(
      [expired, forServers].map((leaf) => word(judge(leaf, trust))),
      ['expired', 'wrong-purpose'],
    );
    match(explanation(judge(alice, trust)), /^"CN=alice" \(serial number [0-9A-F]+\) was revoked by "CN=Root"$/);
  });

  it('never remembers a verdict past the dates of the list, on the same connection or on another', () => {
    const trust = revoking(listOf(root, [alice], { from: new Date(at), to: new Date(at + 60_000) }), [root]);
    const times = [at - 1, at, at + 60_000, at + 60_001, at + 60_000, at - 1];
    for (const [leaf, inForce] of [
      [alice, 'revoked'],
      [bob, 'valid'],
    ] as const) {
      const connection = presented(leaf);
      for (const one of [() => connection, () => presented(leaf)])
        deepEqual(
          times.map((time) => word(judgeCertificate(one(), trust, time))),
          ['crl-expired', inForce, inForce, 'crl-expired', inForce, 'crl-expired'],
        );
    }
  });

  it('ends the right that a verdict gives with the list that cleared the certificate', () => {
    const verdict = judge(bob, revoking(listOf(root, []), [root]));
    equal(verdict.kind === 'valid' && verdict.validUntil, tomorrow.getTime());
  });

  it('judges a connection anew when another list is in force, or none', () => {
    const connection = presented(alice);
    const trusts = [
      undefined,
      listOf(root, [bob]),
      listOf(root, [alice], { number: 2n }),
      undefined,
      listOf(root, [bob], { number: 3n }),
    ].map((list) => (list === undefined ? trustOf([root]) : revoking(list, [root])));
    for (const one of [() => connection, () => presented(alice)])
      deepEqual(
        trusts.map((trust) => word(judgeCertificate(one(), trust, at))),
        ['valid', 'valid', 'revoked', 'valid', 'valid'],
      );
  });
});

function leafOf(ca: Issued, commonName: string): Promise<Issued> {
  return issueClientCertificate(ca, { ...valid, commonName });
}

function revoking(lists: string, anchors: readonly Issued[]): CertificateTrust {
  return trustOf(anchors, { crls: crlsOf(lists, anchors) });
}

function judge(leaf: Issued, trust: CertificateTrust, chain: readonly Issued[] = []): CertificateVerdict {
  return judgeCertificate(presented(leaf, chain), trust, at);
}

function presented(leaf: Issued, chain: readonly Issued[] = []): PresentedCertificate {
  return { kind: 'presented', leaf: leaf.certificate, chain: chain.map(({ certificate }) => certificate), tlsVerdict: undefined };
}

function word(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.detail : verdict.kind;
}

function explanation(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.explanation : verdict.kind;
}
