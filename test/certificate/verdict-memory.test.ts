import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { RevocationStatus } from '../../src/certificate/revocation-lookup.ts';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import type { PresentedCertificate } from '../../src/http/connection.ts';
import type { Answers } from './fake-network.ts';
import { fakeNetwork, revocationTrust } from './fake-network.ts';
import { at, valid } from './frozen-times.ts';
import { trustOf } from './trust-of.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const alice = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
const key = 'ocsp CN=alice';
const good: RevocationStatus = { kind: 'good' };
const revoked: RevocationStatus = { kind: 'revoked', source: 'http://ocsp.test/' };

describe('rememberedVerdict()', () => {
  it('gives the same verdict for as long as the network says the very same, on one connection and on others', () => {
    const { answers, judge } = world();
    answers.set(key, good);
    for (const connection of [() => one, presented]) {
      const first = judge(connection());
      equal(first, judge(connection()));
      answers.set(key, { kind: 'good' });
      notEqual(judge(connection()), first, 'another answer of the same kind is another answer');
      answers.set(key, revoked);
      equal(word(judge(connection())), 'revoked');
      answers.set(key, good);
      equal(word(judge(connection())), 'valid');
    }
  });

  it('never outlives an answer: what was good is asked again once the answer is forgotten', () => {
    const { answers, judge } = world();
    answers.set(key, good);
    deepEqual([word(judge(one)), word(judge(presented()))], ['valid', 'valid']);
    answers.delete(key);
    deepEqual([word(judge(one)), word(judge(presented()))], ['revocation-unknown', 'revocation-unknown']);
  });

  it('holds on to a verdict that waits for the network until somebody was asked, and no longer', () => {
    const { answers, judge } = world();
    const connection = presented();
    answers.set(key, { kind: 'unasked' });
    const waiting = judge(connection);
    equal(word(waiting), 'revocation-unknown');
    equal(judge(connection), waiting, 'idle connections are looked at again and again');
    notEqual(judge(presented()), waiting, 'of this connection alone');
    equal(word(judge(connection)), 'revocation-unknown');
    answers.set(key, good);
    deepEqual([word(judge(connection)), word(judge(presented()))], ['valid', 'valid']);
  });

  it('asks a question once for a verdict, and once to see that it still stands', () => {
    const asked: string[] = [];
    const network = fakeNetwork(new Map([[key, good]]), asked);
    const trust = revocationTrust([root], { sources: ['ocsp'], network });
    const connection = presented();
    for (let times = 1; times <= 3; times += 1) {
      judgeCertificate(connection, trust, at);
      equal(asked.length, times);
    }
  });

  it('asks the network nothing where lists in files decide', () => {
    const asked: string[] = [];
    const trust = revocationTrust([root], { sources: ['crl_file'], network: fakeNetwork(new Map(), asked) });
    const connection = presented();
    deepEqual(
      [word(judgeCertificate(connection, trust, at)), word(judgeCertificate(connection, trust, at)), asked],
      ['valid', 'valid', []],
    );
  });

  it('forgets a refusal with the answer that it came of', () => {
    const { answers, judge } = world();
    answers.set(key, revoked);
    const connection = presented();
    equal(word(judge(connection)), 'revoked');
    answers.set(key, good);
    equal(word(judge(connection)), 'valid');
  });

  it('keeps what was judged under other rules apart', async () => {
    const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
    const leaf = await issueClientCertificate(middle, { ...valid, commonName: 'alice', extendedKeyUsage: [] });
    const connection: PresentedCertificate = { kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: undefined };
    const trusts = [
      trustOf([middle]),
      trustOf([middle], { allowPartialChain: true, requireClientAuthEku: false }),
      trustOf([middle], { allowPartialChain: false }),
      trustOf([middle], { requireClientAuthEku: true }),
      revocationTrust([middle], { mode: 'strict' }),
      revocationTrust([middle], { mode: 'strict', answers: new Map(), sources: ['ocsp'] }),
    ];
    const round = (): readonly string[] => trusts.map((trust) => word(judgeCertificate(connection, trust, at)));
    const expected = ['valid', 'valid', 'unknown-ca', 'wrong-purpose', 'revocation-unknown', 'revocation-unknown'];
    deepEqual([round(), round()], [expected, expected]);
    equal(new Set(trusts.map(({ id }) => id)).size, 5, 'what is not said is what is usual');
  });
});

const one = presented();

function world() {
  const answers: Answers = new Map();
  const trust = revocationTrust([root], { sources: ['ocsp'], answers });
  return { answers, judge: (connection: PresentedCertificate): CertificateVerdict => judgeCertificate(connection, trust, at) };
}

function presented(leaf: Issued = alice): PresentedCertificate {
  return { kind: 'presented', leaf: leaf.certificate, chain: [], tlsVerdict: undefined };
}

function word(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.detail : verdict.kind;
}
