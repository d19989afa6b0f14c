import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import type { PresentedCertificate } from '../../src/http/connection.ts';
import { chainCases } from './chain-cases.ts';
import { at, past, valid } from './frozen-times.ts';
import { trustOf } from './trust-of.ts';

describe('judgeCertificate()', () => {
  it('comes to the expected verdict on every chain of the list', async () => {
    const cases = await chainCases();
    deepEqual(
      cases.map(({ name, leaf, chain, anchors }) => `${name}: ${word(judge(leaf, chain, anchors))}`),
      cases.map(({ name, expected }) => `${name}: ${expected}`),
    );
  });

  it('says that there is nothing to judge without authorities, and none when nothing was presented', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const trust = trustOf([root], { maxVerifyDepth: 1 });
    deepEqual(judgeCertificate({ kind: 'none' }, undefined, at), { kind: 'no-authority' });
    deepEqual(judgeCertificate(presented(root, []), undefined, at), { kind: 'no-authority' });
    deepEqual(judgeCertificate({ kind: 'none' }, trust, at), { kind: 'none' });
  });

  it('tells the anchor, the leaf, and when the shortest-lived certificate of the path ends', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root', to: new Date('2026-08-01') });
    const subject = [
      ['O', 'Acme, Inc.'],
      ['CN', 'alice'],
    ] as const;
    const names = { emails: ['alice@corp.test'], dnsNames: ['a.test'], uris: ['spiffe://corp.test/alice'] };
    const leaf = await issueClientCertificate(root, { ...valid, commonName: '', subject, ...names });
    const spki = leaf.certificate.publicKey.export({ type: 'spki', format: 'der' });
    deepEqual(judge(leaf, [], [root]), {
      kind: 'valid',
      anchorSha256: await sha256(root.certificate.raw, 'hex'),
      anchorKeys: [await sha256(root.certificate.publicKey.export({ type: 'spki', format: 'der' }), 'base64')],
      validUntil: Date.parse('2026-08-01'),
      leaf: {
        fingerprint: leaf.certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
        spkiHash: await sha256(spki, 'base64'),
        subject: 'CN=alice,O=Acme\\, Inc.',
        issuer: 'CN=Root',
        serial: leaf.certificate.serialNumber,
        notAfter: valid.to.getTime(),
        commonNames: ['alice'],
        organizations: ['Acme, Inc.'],
        organizationalUnits: [],
        subjectEmails: [],
        hasAlternativeNames: true,
        sanUpn: [],
        policyOids: [],
        sanDns: ['a.test'],
        sanEmail: ['alice@corp.test'],
        sanUri: ['spiffe://corp.test/alice'],
      },
    });
  });

  it('asks for the purpose in so many words only where the rules say so', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root', extendedKeyUsage: [] });
    const silent = await issueClientCertificate(root, { ...valid, commonName: 'alice', extendedKeyUsage: [] });
    const outspoken = await issueClientCertificate(root, { ...valid, commonName: 'bob' });
    const strict = trustOf([root], { requireClientAuthEku: true });
    const verdict = judgeCertificate(presented(silent, []), strict, at);
    deepEqual(
      [word(judge(silent, [], [root])), word(verdict), word(judgeCertificate(presented(outspoken, []), strict, at))],
      ['valid', 'wrong-purpose', 'valid'],
    );
    match(explanation(verdict), /^"CN=alice" does not say what it is for, expected .* clientAuth \(require_client_auth_eku\)$/);
  });

  it('accepts no authority without a name, because it would be the issuer of what every other one signed', async () => {
    const nameless = await issueAuthority({ ...valid, commonName: '', subject: [] });
    const leaf = await issueClientCertificate(nameless, { ...valid, commonName: 'alice' });
    equal(word(judge(leaf, [], [nameless])), 'unknown-ca');
  });

  it('counts the depth from the nearest anchor to the leaf, which is 1 for a leaf that an anchor signed', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const first = await issueIntermediate(root, { ...valid, commonName: 'First' });
    const second = await issueIntermediate(first, { ...valid, commonName: 'Second' });
    const leaf = await issueClientCertificate(second, { ...valid, commonName: 'alice' });
    const verdicts = (anchors: readonly Issued[]): readonly string[] =>
      [0, 1, 2, 3].map((depth) => word(judge(leaf, [second, first], anchors, depth)));
    deepEqual(verdicts([root]), ['valid', 'depth-exceeded', 'depth-exceeded', 'valid']);
    deepEqual(verdicts([first]), ['valid', 'depth-exceeded', 'valid', 'valid']);
    deepEqual(verdicts([root, second]), ['valid', 'valid', 'valid', 'valid']);
  });

  it('judges the same certificate differently for routes of different authorities and depths', async () => {
    const [rootA, rootB] = [await issueAuthority({ ...valid, commonName: 'A' }), await issueAuthority({ ...valid, commonName: 'B' })];
    const middle = await issueIntermediate(rootA, { ...valid, commonName: 'Middle' });
    const one = presented(await issueClientCertificate(middle, { ...valid, commonName: 'alice' }), [middle]);
    const judgeOn = (anchor: Issued, maxVerifyDepth: number): string =>
      word(judgeCertificate(one, trustOf([anchor], { maxVerifyDepth }), at));
    const round = (): readonly string[] => [judgeOn(rootA, 1), judgeOn(rootA, 2), judgeOn(rootB, 2), judgeOn(middle, 1)];
    const expected = ['depth-exceeded', 'valid', 'unknown-ca', 'valid'];
    deepEqual([round(), round()], [expected, expected]);
  });

  it('never remembers a verdict past a date that changes it, on the same connection or on another', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const leaf = await issueClientCertificate(root, { commonName: 'alice', from: new Date(at), to: new Date(at + 60_000) });
    const trust = trustOf([root], { maxVerifyDepth: 1 });
    const times = [at - 1, at, at + 60_000, at + 60_001, at + 60_000, at - 1];
    const expected = ['not-yet-valid', 'valid', 'valid', 'expired', 'valid', 'not-yet-valid'];
    const connection = presented(leaf, []);
    deepEqual(
      times.map((time) => word(judgeCertificate(connection, trust, time))),
      expected,
    );
    deepEqual(
      times.map((time) => word(judgeCertificate(presented(leaf, []), trust, time))),
      expected,
    );
  });

  it('does not let the verdict of the TLS layer decide', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
    const trust = trustOf([root], { maxVerifyDepth: 1 });
    const one: PresentedCertificate = { kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: 'CERT_HAS_EXPIRED' };
    equal(judgeCertificate(one, trust, at).kind, 'valid');
  });

  it('refuses a certificate whose bytes were changed', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
    const forged = Buffer.from(leaf.certificate.raw);
    forged.write('malle', forged.indexOf('alice'));
    const one: PresentedCertificate = { kind: 'presented', leaf: new X509Certificate(forged), chain: [], tlsVerdict: undefined };
    equal(word(judgeCertificate(one, trustOf([root], { maxVerifyDepth: 1 }), at)), 'unknown-ca');
  });

  it('explains what is wrong in words an operator can act on', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
    const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
    const old = await issueClientCertificate(root, { ...past, commonName: 'alice' });
    const deep = await issueClientCertificate(middle, { ...valid, commonName: 'alice' });
    const forged = await issueClientCertificate(namesake, { ...valid, commonName: 'alice' });
    match(explanation(judge(old, [], [root])), /^"CN=alice" expired at 2026-01-01T00:00:00\.000Z$/);
    match(explanation(judge(deep, [middle], [root], 1)), /2 certificates below .* allowed are 1 \(max_verify_depth\)$/);
    match(explanation(judge(deep, [], [root])), /^"CN=Middle", which issued "CN=alice", is not trusted here/);
    match(explanation(judge(forged, [], [root])), /not signed by the key of the authority "CN=Root"/);
  });

  it('reports the path that got furthest', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const key = (await issueAuthority({ ...valid, commonName: 'x' })).keyPem;
    const oldMiddle = await issueIntermediate(root, { ...past, commonName: 'Middle', keyPem: key });
    const newMiddle = await issueIntermediate(root, { ...valid, commonName: 'Middle', keyPem: key });
    const leaf = await issueClientCertificate(oldMiddle, { ...valid, commonName: 'alice' });
    deepEqual(
      [word(judge(leaf, [oldMiddle, newMiddle], [root], 1)), word(judge(leaf, [oldMiddle], [root], 1))],
      ['depth-exceeded', 'expired'],
    );
  });

  it('finds the way among strangers, and looks at no more than the first 16 certificates', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
    const leaf = await issueClientCertificate(middle, { ...valid, commonName: 'alice' });
    const strangers: Issued[] = [];
    for (let count = 0; count < 16; count += 1) strangers.push(await issueAuthority({ ...valid, commonName: 'Middle' }));
    deepEqual(
      [word(judge(leaf, [...strangers.slice(1), middle], [root])), word(judge(leaf, [...strangers, middle], [root]))],
      ['valid', 'unknown-ca'],
    );
  });

  it('bounds its work on a mesh of authorities that all signed each other', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const key = (await issueAuthority({ ...valid, commonName: 'x' })).keyPem;
    const mesh: Issued[] = [];
    for (let count = 0; count < 40; count += 1) mesh.push(await issueAuthority({ ...valid, commonName: 'Mesh', keyPem: key }));
    const [first = root] = mesh;
    const leaf = await issueClientCertificate(first, { ...valid, commonName: 'mallory' });
    const started = process.cpuUsage();
    const verdict = judge(leaf, mesh, [root]);
    const spent = process.cpuUsage(started);
    equal(word(verdict), 'unknown-ca');
    match(explanation(verdict), /more paths than are searched/);
    ok(spent.user + spent.system < 1_000_000, `took ${spent.user} µs`);
  });
});

function judge(leaf: Issued, chain: readonly Issued[], anchors: readonly Issued[], maxVerifyDepth = 0): CertificateVerdict {
  return judgeCertificate(presented(leaf, chain), trustOf(anchors, { maxVerifyDepth }), at);
}

function presented(leaf: Issued, chain: readonly Issued[]): PresentedCertificate {
  return { kind: 'presented', leaf: leaf.certificate, chain: chain.map(({ certificate }) => certificate), tlsVerdict: undefined };
}

function word(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.detail : verdict.kind;
}

function explanation(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.explanation : verdict.kind;
}

async function sha256(bytes: Buffer, encoding: 'hex' | 'base64'): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))).toString(encoding);
}
