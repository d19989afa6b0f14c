import { deepEqual, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrustRules } from '../../src/certificate/certificate-trust.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import { leafFacts } from '../../src/certificate/leaf-facts.ts';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import { listsInFiles } from '../../src/certificate/revocation.ts';
import type { Answers } from './fake-network.ts';
import { fakeNetwork } from './fake-network.ts';
import { at, past, valid } from './frozen-times.ts';
import { general, nameConstraints } from './name-constraints-extension.ts';
import { crlsOf, trustOf } from './trust-of.ts';
import { listOf } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const other = await issueAuthority({ ...valid, commonName: 'Other' });
const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
const lower = await issueIntermediate(middle, { ...valid, commonName: 'Lower' });
const crossed = await issueIntermediate(other, { ...valid, commonName: 'Middle', keyPem: middle.keyPem });
const known = new Map(Object.entries({ root, other, namesake, middle, lower }).map(([name, issued]) => [keyOf(issued), name]));
const [ofRoot, ofMiddle, ofLower] = await Promise.all([root, middle, lower].map((ca) => leafOf(ca)));
if (ofRoot === undefined || ofMiddle === undefined || ofLower === undefined) throw new Error('three authorities give three certificates');

describe('authoritiesBehind()', () => {
  it('begins with the nearest authority of the CA file and goes on to those above it, sent along or not', () => {
    deepEqual(namesBehind(ofRoot, [], [root, middle]), ['root']);
    deepEqual(namesBehind(ofMiddle, [], [root, middle, other]), ['middle', 'root']);
    deepEqual(namesBehind(ofMiddle, [middle], [root]), ['root']);
    deepEqual(namesBehind(ofLower, [], [other, root, lower, middle]), ['lower', 'middle', 'root']);
    deepEqual(namesBehind(ofLower, [lower, middle], [root, lower]), ['lower', 'root']);
  });

  it('goes by key: another authority of the same name is not behind it', () => {
    deepEqual(namesBehind(ofMiddle, [], [namesake, middle]), ['middle']);
    deepEqual(namesBehind(ofMiddle, [], [namesake, root, middle]), ['middle', 'root']);
  });

  it('tells every authority that a cross-signed one leads to, by what was sent and by what is in the CA file', () => {
    deepEqual(namesBehind(ofMiddle, [middle, crossed], [root, other]), ['root', 'other']);
    deepEqual(namesBehind(ofMiddle, [], [root, other, middle, crossed]), ['middle', 'root', 'other']);
    deepEqual(namesBehind(ofMiddle, [crossed], [root, other, middle]), ['middle', 'root', 'other']);
  });

  it('counts no authority that the path could not end at now', async () => {
    const old = await issueIntermediate(root, { ...past, commonName: 'Middle', keyPem: middle.keyPem });
    const pathless = await issueAuthority({ ...valid, commonName: 'Pathless', pathLength: 0 });
    const narrow = await issueAuthority({
      ...valid,
      commonName: 'Narrow',
      extensions: [nameConstraints([general.email('corp.test')])],
    });
    const below = async (ca: Issued): Promise<readonly string[]> => {
      const between = await issueIntermediate(ca, { ...valid, commonName: 'Between' });
      const lowest = await issueIntermediate(between, { ...valid, commonName: 'Lowest' });
      const leaf = await issueClientCertificate(lowest, { ...valid, commonName: 'alice', emails: ['alice@evil.test'] });
      return namesBehind(leaf, [], [ca, between, lowest]);
    };
    deepEqual(namesBehind(ofMiddle, [], [old, crossed, other]), ['middle', 'other']);
    deepEqual([(await below(pathless)).length, (await below(narrow)).length, (await below(other)).length], [2, 2, 3]);
  });

  it('does not count how deep the further ones are', () => {
    deepEqual(namesBehind(ofLower, [], [root, middle, lower], { maxVerifyDepth: 1 }), ['lower', 'middle', 'root']);
  });

  it('counts what only leads to a self-signed authority where no partial chain is allowed', () => {
    deepEqual(namesBehind(ofLower, [], [root, middle, lower, other], { allowPartialChain: false }), ['lower', 'middle', 'root']);
    deepEqual(namesBehind(ofLower, [lower], [root, middle], { allowPartialChain: false }), ['middle', 'root']);
  });

  it('counts no authority that took the way to it back, and asks the network about that way too', () => {
    const anchors = [root, middle];
    const settings = { ...listsInFiles, check: 'chain' } as const;
    const crls = crlsOf(listOf(root, [middle]), anchors);
    deepEqual(namesBehind(ofMiddle, [], anchors, { crls, revocation: { settings, network: undefined } }), ['middle']);
    const answers: Answers = new Map([['ocsp CN=alice', { kind: 'good' }]]);
    const revocation = { settings: { ...settings, sources: ['ocsp'] }, network: fakeNetwork(answers) } as const;
    deepEqual(namesBehind(ofMiddle, [], anchors, { revocation }), ['asks about CN=Middle']);
    answers.set('ocsp CN=Middle', { kind: 'revoked', source: 'x' });
    deepEqual(namesBehind(ofMiddle, [], anchors, { revocation }), ['middle']);
    answers.set('ocsp CN=Middle', { kind: 'good' });
    deepEqual(namesBehind(ofMiddle, [], anchors, { revocation }), ['middle', 'root']);
    answers.clear();
    deepEqual(namesBehind(ofMiddle, [], anchors, { revocation }), ['asks about CN=alice, CN=Middle'], 'all at once');
  });

  it('lets no flood of other certificates hide an authority of the CA file', async () => {
    const flood: Issued[] = [];
    for (let count = 0; count < 16; count += 1) flood.push(await issueAuthority({ ...valid, commonName: 'Lower', keyPem: lower.keyPem }));
    const started = process.cpuUsage();
    deepEqual(namesBehind(ofLower, flood, [root, middle, lower, other]), ['lower', 'middle', 'root']);
    const spent = process.cpuUsage(started);
    ok(spent.user + spent.system < 1_000_000, `took ${spent.user} µs`);
  });
});

function leafOf(ca: Issued): Promise<Issued> {
  return issueClientCertificate(ca, { ...valid, commonName: 'alice' });
}

function namesBehind(
  leaf: Issued,
  chain: readonly Issued[],
  anchors: readonly Issued[],
  rules: Partial<TrustRules> = {},
): readonly string[] {
  const certificates = chain.map(({ certificate }) => certificate);
  const presented = { kind: 'presented', leaf: leaf.certificate, chain: certificates, tlsVerdict: undefined } as const;
  const verdict = judgeCertificate(presented, trustOf(anchors, rules), at);
  if (verdict.kind === 'valid') return verdict.anchorKeys.map((key) => known.get(key) ?? '?');
  const asks = verdict.kind === 'invalid' ? (verdict.unasked ?? []) : [];
  return [`asks about ${asks.map(({ certificate }) => certificate.subject).join(', ')}`];
}

function keyOf({ certificate }: Issued): string {
  const facts = certificateFacts(certificate);
  if (facts === undefined) throw new Error('an authority that cannot be read');
  return leafFacts(facts).spkiHash;
}
