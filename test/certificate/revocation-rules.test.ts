import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateTrust } from '../../src/certificate/certificate-trust.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import { listsInFiles } from '../../src/certificate/revocation.ts';
import type { RevocationLookup, RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import { usualRevocation } from '../../src/config/revocation-settings.ts';
import type { Answers } from './fake-network.ts';
import { fakeNetwork, revocationTrust } from './fake-network.ts';
import { at, past, valid } from './frozen-times.ts';
import { listOf, yesterday } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
const pinned = await issueIntermediate(root, { ...valid, commonName: 'pinned', keyUsage: ['digitalSignature', 'keyCertSign'] });
const [alice, deep] = await Promise.all([leafOf(root, 'alice'), leafOf(middle, 'deep')]);

const source = 'http://ocsp.test/';
const good: RevocationStatus = { kind: 'good' };
const revoked: RevocationStatus = { kind: 'revoked', source };
const unknown: RevocationStatus = { kind: 'unknown', source };
const silent: RevocationStatus = { kind: 'unreachable', source, explanation: 'no answer within 3 s' };
const none: RevocationStatus = { kind: 'no-source' };

describe('revocation rules in judgeCertificate()', () => {
  it('are the usual ones where there are none', () => {
    deepEqual(listsInFiles, usualRevocation);
  });

  it('look at nothing in the mode skip, lists in files included', () => {
    const answers = new Map([['ocsp CN=alice', revoked]]);
    const stale = listOf(root, [alice], { from: yesterday, to: new Date(at - 1000) });
    for (const lists of [stale, listOf(root, [alice])])
      equal(word(judge(alice, revocationTrust([root], { mode: 'skip', sources: ['crl_file', 'ocsp'], lists, answers }))), 'valid');
  });

  const outcomes: readonly (readonly [status: RevocationStatus, lenient: string, strict: string])[] = [
    [good, 'valid', 'valid'],
    [revoked, 'revoked', 'revoked'],
    [unknown, 'revocation-unknown', 'revocation-unknown'],
    [silent, 'valid', 'revocation-unknown'],
    [none, 'valid', 'revocation-unknown'],
    [{ kind: 'unasked' }, 'unasked', 'unasked'],
  ];
  for (const [status, lenient, strict] of outcomes)
    it(`make of ${status.kind}: ${lenient} where a CA may err, ${strict} where only good passes`, () => {
      for (const one of ['ocsp', 'crl_distribution_points'] as const) {
        const rules = { sources: [one], answers: new Map([[`${one} CN=alice`, status]]) };
        const verdicts = (['ignore_ca_error', 'strict'] as const).map((mode) =>
          word(judge(alice, revocationTrust([root], { ...rules, mode }))),
        );
        deepEqual(verdicts, [lenient, strict]);
      }
    });

  it('ask the sources in their order, and let the first one that knows decide', () => {
    const asked: string[] = [];
    const answers: Answers = new Map<string, RevocationStatus>([
      ['ocsp CN=alice', silent],
      ['crl_distribution_points CN=alice', good],
    ]);
    const network = fakeNetwork(answers, asked);
    const sources = ['ocsp', 'crl_distribution_points', 'crl_file'] as const;
    equal(word(judge(alice, revocationTrust([root], { mode: 'strict', sources, network }))), 'valid');
    deepEqual(asked, ['ocsp CN=alice of CN=Root', 'crl_distribution_points CN=alice of CN=Root']);
    equal(
      word(judge(alice, revocationTrust([root], { mode: 'strict', sources: ['crl_file', 'ocsp'], network, lists: listOf(root, []) }))),
      'valid',
    );
    equal(asked.length, 2, 'the network was asked about what a list in a file had cleared');
  });

  it('refuse what a list in a file revokes whatever else is said, and wherever files stand among the sources', () => {
    const answers = new Map([['ocsp CN=alice', good]]);
    const lists = listOf(root, [alice]);
    for (const sources of [['ocsp', 'crl_file'], ['ocsp'], ['crl_file', 'ocsp']] as const)
      equal(word(judge(alice, revocationTrust([root], { sources, answers, lists }))), 'revoked', sources.join());
  });

  it('tell in the strict mode what each source said', () => {
    const answers: Answers = new Map<string, RevocationStatus>([
      ['ocsp CN=alice', silent],
      ['crl_distribution_points CN=alice', none],
    ]);
    const sources = ['crl_file', 'crl_distribution_points', 'ocsp'] as const;
    match(
      explanation(judge(alice, revocationTrust([root], { mode: 'strict', sources, answers }))),
      /^nobody could say that "CN=alice" was not revoked: no file has a revocation list of "CN=Root"; it names no distribution point that may be asked; http:\/\/ocsp\.test\/: no answer within 3 s$/,
    );
    match(
      explanation(judge(alice, revocationTrust([root], { mode: 'strict', sources: ['ocsp'] }))),
      /: ocsp: the network is not asked here$/,
    );
    match(explanation(judge(alice, revocationTrust([root], { mode: 'strict', sources: [] }))), /: there is no source$/);
  });

  it('tell all that is to be asked at once, and nothing where the path does not hold anyway', async () => {
    const sources = ['ocsp'] as const;
    const chain = judge(deep, revocationTrust([root], { sources, check: 'chain', answers: new Map() }), [middle]);
    deepEqual(questionsOf(chain), ['CN=deep of CN=Middle', 'CN=Middle of CN=Root']);
    match(explanation(chain), /^nobody was asked yet whether "CN=deep" and "CN=Middle" was revoked$/);
    deepEqual(questionsOf(judge(deep, revocationTrust([root], { sources, answers: new Map() }), [middle])), ['CN=deep of CN=Middle']);
    const old = await issueClientCertificate(root, { ...past, commonName: 'alice' });
    const refusals = [
      judge(old, revocationTrust([root], { sources, answers: new Map() })),
      judge(alice, revocationTrust([root], { sources, answers: new Map(), lists: listOf(root, [alice]) })),
      judge(deep, revocationTrust([root], { sources, answers: new Map(), depth: 1 }), [middle]),
      judge(deep, revocationTrust([root], { sources, check: 'chain', answers: new Map([['ocsp CN=Middle', revoked]]) }), [middle]),
    ];
    deepEqual(refusals.map(word), ['expired', 'revoked', 'depth-exceeded', 'revoked']);
  });

  it('prefer a path that holds to one that is still to be asked about', async () => {
    const other = await issueAuthority({ ...valid, commonName: 'Other' });
    const crossed = await issueIntermediate(other, { ...valid, commonName: 'Middle', keyPem: middle.keyPem });
    const answers: Answers = new Map([['ocsp CN=deep', good]]);
    const network: RevocationLookup = {
      ...fakeNetwork(answers),
      statusOf: (question, from, time) =>
        question.issuer.subject === 'CN=Other' ? good : fakeNetwork(answers).statusOf(question, from, time),
    };
    const trust = revocationTrust([root, other], { sources: ['ocsp'], check: 'chain', network });
    deepEqual(
      [[middle], [middle, crossed], [crossed, middle]].map((chain) => word(judge(deep, trust, chain))),
      ['unasked', 'valid', 'valid'],
    );
  });

  it('check the leaf alone, or every certificate below the anchor', () => {
    const lists = listOf(root, [middle]);
    const verdicts = (anchors: readonly Issued[]): readonly string[] =>
      (['leaf', 'chain'] as const).map((check) => word(judge(deep, revocationTrust(anchors, { lists, check }), [middle])));
    deepEqual(verdicts([root]), ['valid', 'revoked']);
    deepEqual(verdicts([root, middle]), ['valid', 'valid'], 'an anchor is no matter of revocation');
    const strict = revocationTrust([root], { lists: listOf(root, []), check: 'chain', mode: 'strict' });
    equal(word(judge(deep, strict, [middle])), 'revocation-unknown');
  });

  it('ask the authority beside it about a leaf that is in the CA file itself, and in the strict mode refuse one without', () => {
    const answers = new Map([['ocsp CN=pinned', revoked]]);
    const sources = ['ocsp'] as const;
    equal(word(judge(pinned, revocationTrust([pinned, root], { sources, answers }))), 'revoked');
    equal(word(judge(pinned, revocationTrust([pinned], { sources, answers }))), 'valid');
    const alone = judge(pinned, revocationTrust([pinned], { sources, answers, mode: 'strict' }));
    equal(word(alone), 'revocation-unknown');
    match(explanation(alone), /the authority that issued it is not known here$/);
  });

  it('let a list count for as long as it has grace, and no longer, and never one that is not in force yet', async () => {
    const bob = await leafOf(root, 'bob');
    const graced = revocationTrust([root], {
      lists: listOf(root, [alice], { from: yesterday, to: new Date(at - 1000) }),
      staleGraceMs: 61_000,
    });
    deepEqual(
      [at, at + 60_000, at + 60_001].map((time) => [alice, bob].map((leaf) => word(judge(leaf, graced, [], time)))),
      [
        ['revoked', 'valid'],
        ['revoked', 'valid'],
        ['crl-expired', 'crl-expired'],
      ],
    );
    const verdict = judge(bob, graced);
    equal(verdict.kind === 'valid' && verdict.validUntil, at + 60_000);
    const early = revocationTrust([root], { lists: listOf(root, [], { from: new Date(at + 1000) }), staleGraceMs: 86_400_000 });
    equal(word(judge(bob, early)), 'crl-expired');
  });

  it('refuse for a list that is out of date in both modes, though another source says good', () => {
    const lists = listOf(root, [], { from: yesterday, to: new Date(at - 1000) });
    const answers = new Map([['ocsp CN=alice', good]]);
    for (const mode of ['ignore_ca_error', 'strict'] as const)
      equal(word(judge(alice, revocationTrust([root], { mode, lists, sources: ['ocsp', 'crl_file'], answers }))), 'crl-expired');
    equal(word(judge(alice, revocationTrust([root], { lists, sources: ['ocsp'], answers }))), 'valid', 'files are no source');
  });
});

function leafOf(ca: Issued, commonName: string): Promise<Issued> {
  return issueClientCertificate(ca, { ...valid, commonName });
}

function judge(leaf: Issued, trust: CertificateTrust, chain: readonly Issued[] = [], time: number = at): CertificateVerdict {
  const certificates = chain.map(({ certificate }) => certificate);
  return judgeCertificate({ kind: 'presented', leaf: leaf.certificate, chain: certificates, tlsVerdict: undefined }, trust, time);
}

function word(verdict: CertificateVerdict): string {
  if (verdict.kind !== 'invalid') return verdict.kind;
  return verdict.unasked === undefined ? verdict.detail : 'unasked';
}

function explanation(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.explanation : verdict.kind;
}

function questionsOf(verdict: CertificateVerdict): readonly string[] {
  const unasked = verdict.kind === 'invalid' ? (verdict.unasked ?? []) : [];
  return unasked.map(({ certificate, issuer }) => `${certificate.subject} of ${issuer.subject}`);
}
