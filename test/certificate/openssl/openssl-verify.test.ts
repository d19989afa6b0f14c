import { deepEqual, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCaBundle } from '../../../src/certificate/ca-bundle.ts';
import { buildTrust } from '../../../src/certificate/certificate-trust.ts';
import { judgeCertificate } from '../../../src/certificate/judge-certificate.ts';
import { at } from '../frozen-times.ts';
import type { Chains, Leaf } from './chains.ts';
import { makeChains } from './chains.ts';
import { verifyAll } from './verify-all.ts';
import type { Written } from './write-certificate.ts';

/**
 * Where OpenSSL means to differ from us, or we from it. Of each of these it says the opposite, which way is told by what the chain is:
 * good ones it refuses, bad ones it accepts. Everything else has to be the same.
 */
const differences: ReadonlyMap<string, string> = new Map([
  ['the leaf ends at this very second', 'the last second belongs to the validity (RFC 5280 section 4.1.2.5)'],
  ['an authority ends at this very second', 'the last second belongs to the validity (RFC 5280 section 4.1.2.5)'],
  [
    'the leaf names another key of its issuer',
    'the identifier of a key helps to find an issuer, and its signature is what decides (section 6.1)',
  ],
  ['an authority is for any purpose', 'on an authority "any" is any, clients included (section 4.2.1.12)'],
  [
    'an intermediate is trusted and its root too, what is between was sent, and partial chains are not',
    'any path will do; OpenSSL looks for one way up',
  ],
  ['the leaf may agree on keys only', 'a client proves its key by a signature (RFC 8446 section 4.4.2.2)'],
  ['the leaf has a key on a small curve', '256 bits are the least; level 2 of OpenSSL is content with 224'],
  ['the leaf has critical policy constraints', 'policies are not processed, so what demands it is refused (section 4.2)'],
  ['an authority has critical policy constraints', 'policies are not processed, so what demands it is refused (section 4.2)'],
  [
    'an authority has critical distribution points',
    'lists are asked for where the settings say so, and not because a certificate does (section 4.2)',
  ],
  ['the root is of version 1', 'what does not say that it is an authority is none (section 6.1.4 k)'],
  ['the root has no basic constraints, and may sign certificates', 'what does not say that it is an authority is none (section 6.1.4 k)'],
]);

/** What OpenSSL says depends on which of two authorities of one name it comes upon first: it does not come back for the other. */
const undecided: ReadonlySet<string> = new Set(['authorities of the same name beside the right ones, keys not named']);

describe('judgeCertificate() and `openssl verify`', () => {
  it('agree on more than two thousand chains, but for a table of differences', async () => {
    const all = makeChains('postern');
    const answers = await verifyAll(
      all.map(({ anchors, sent, leaves, ...rules }) => ({
        ...rules,
        anchors: pemsOf(anchors),
        sent: pemsOf(sent),
        leaves: pemsOf(leaves),
      })),
      at,
    );
    const compared = all.flatMap((chains, index) => compare(chains, answers[index] ?? []));
    deepEqual(
      compared.filter((each) => each.ours !== each.expected || (each.theirs !== each.expectedOfThem && !undecided.has(each.name))),
      [],
    );
    const kinds = Map.groupBy(compared, ({ name }) => name);
    ok(compared.length >= 2_000, `${compared.length} chains`);
    ok(compared.filter(({ expected }) => expected === 'valid').length >= 700, 'too few of them are good');
    ok(kinds.size > 80, `${kinds.size} respects`);
    deepEqual(
      [...kinds].filter(([, chains]) => chains.length < 3).map(([name]) => name),
      [],
      'met too rarely',
    );
    deepEqual(
      [...differences.keys(), ...undecided].filter((name) => !kinds.has(name)),
      [],
      'not met at all',
    );
  });
});

interface Compared {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly expected: string;
  readonly expectedOfThem: string;
  /** For whoever reads of a difference. */
  readonly explanations: readonly (string | undefined)[];
}

function compare(chains: Chains, answers: readonly (string | undefined)[]): readonly Compared[] {
  const judge = judgeOf(chains);
  return chains.leaves.map((leaf, index) => {
    const { name, isGood } = leaf.respect;
    const [ours, theirs] = [judge(leaf), answers[index]];
    return {
      name,
      ours: wordOf(ours === undefined),
      theirs: wordOf(theirs === undefined),
      expected: wordOf(isGood),
      expectedOfThem: wordOf(isGood !== differences.has(name)),
      explanations: [ours, theirs],
    };
  });
}

function wordOf(isValid: boolean): string {
  return isValid ? 'valid' : 'invalid';
}

/** Why a leaf is refused; undefined when it is accepted. What cannot be trusted lets nobody in. */
function judgeOf({ anchors, sent, allowPartialChain, maxDepth }: Chains): (leaf: Leaf) => string | undefined {
  // At a time when all of them are valid: one that has expired since is for the judge.
  const read = readCaBundle({ text: pemsOf(anchors).join(''), label: 'ca.pem', path: [] }, Date.parse('2025-06-01'));
  if (!read.ok) return () => read.message;
  const trust = buildTrust(read.bundle, { maxVerifyDepth: maxDepth, crls: undefined, subjectAltNames: undefined, allowPartialChain });
  const chain = sent.map(({ certificate }) => certificate);
  return ({ certificate }) => {
    const verdict = judgeCertificate({ kind: 'presented', leaf: certificate, chain, tlsVerdict: undefined }, trust, at);
    return verdict.kind === 'invalid' ? verdict.explanation : undefined;
  };
}

function pemsOf(list: readonly Written[]): readonly string[] {
  return list.map(({ certificatePem }) => certificatePem);
}
