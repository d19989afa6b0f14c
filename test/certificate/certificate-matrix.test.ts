import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import { writeNull } from '../../src/certificate/write-der.ts';
import type { PresentedCertificate } from '../../src/http/connection.ts';
import { revocationTrust } from './fake-network.ts';
import { at, future, past, valid } from './frozen-times.ts';
import { general, nameConstraints } from './name-constraints-extension.ts';
import { extension, listOf } from './written-crl.ts';

type Presentation = readonly [leaf: Issued, ...chain: Issued[]] | undefined;

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const impostor = await issueAuthority({ ...valid, commonName: 'Root' });
const other = await issueAuthority({ ...valid, commonName: 'Other' });
const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
const lower = await issueIntermediate(middle, { ...valid, commonName: 'Lower' });
const lowest = await issueIntermediate(lower, { ...valid, commonName: 'Lowest' });
const takenBack = await issueIntermediate(root, { ...valid, commonName: 'Taken back' });
const noAuthority = await issueIntermediate(root, { ...valid, commonName: 'No authority', isCa: false, keyUsage: ['digitalSignature'] });
const narrow = await issueIntermediate(root, {
  ...valid,
  commonName: 'Narrow',
  extensions: [nameConstraints([general.email('corp.test')])],
});
const selfSigned = await issueAuthority({ ...valid, commonName: 'alice', isCa: false, keyUsage: ['digitalSignature'] });
const revokedLeaf = await leafOf(root);
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

// What a client may come with, and what a route makes of it whose CA file holds the root, at most three certificates deep.
const rows: readonly (readonly [what: string, presented: Presentation, expected: string])[] = [
  ['none', undefined, 'none'],
  ['good, direct', [await leafOf(root)], 'valid'],
  ['expired', [await leafOf(root, past)], 'expired'],
  ['not yet valid', [await leafOf(root, future)], 'not-yet-valid'],
  ['of another CA', [await leafOf(other)], 'unknown-ca'],
  ['of another CA, which was sent along', [await leafOf(other), other], 'unknown-ca'],
  ['of a fake CA of the same name', [await leafOf(impostor)], 'unknown-ca'],
  ['of a fake CA of the same name, which was sent along', [await leafOf(impostor), impostor], 'unknown-ca'],
  ['self-signed', [selfSigned], 'unknown-ca'],
  ['without extended key usage', [await leafOf(root, { extendedKeyUsage: [] })], 'valid'],
  ['for servers only', [await leafOf(root, { extendedKeyUsage: [serverAuth] })], 'wrong-purpose'],
  ['for servers and clients', [await leafOf(root, { extendedKeyUsage: [serverAuth, clientAuth] })], 'valid'],
  ['for any purpose only', [await leafOf(root, { extendedKeyUsage: ['2.5.29.37.0'] })], 'wrong-purpose'],
  ['key usage without digitalSignature', [await leafOf(root, { keyUsage: ['keyEncipherment'] })], 'wrong-purpose'],
  ['the issuer is no authority', [await leafOf(noAuthority), noAuthority], 'unknown-ca'],
  ['a leaf that signed another leaf', [await leafOf(revokedLeaf), revokedLeaf], 'unknown-ca'],
  ['outside the name constraints', [await leafOf(narrow, { emails: ['alice@evil.test'] }), narrow], 'unknown-ca'],
  ['inside the name constraints', [await leafOf(narrow, { emails: ['alice@corp.test'] }), narrow], 'valid'],
  ['the intermediate was not sent', [await leafOf(middle)], 'unknown-ca'],
  ['one intermediate, sent', [await leafOf(middle), middle], 'valid'],
  ['two intermediates, sent', [await leafOf(lower), lower, middle], 'valid'],
  ['two intermediates, sent the wrong way round with strangers', [await leafOf(lower), other, middle, impostor, lower], 'valid'],
  ['deeper than allowed', [await leafOf(lowest), lowest, lower, middle], 'depth-exceeded'],
  ['revoked', [revokedLeaf], 'revoked'],
  ['of a revoked intermediate', [await leafOf(takenBack), takenBack], 'revoked'],
  ['an unknown critical extension', [await leafOf(root, { extensions: [extension('1.2.3.4', writeNull())] })], 'unreadable'],
  ['policy rules that are not processed', [await leafOf(root, { extensions: [extension('2.5.29.36', writeNull())] })], 'unreadable'],
  ['SHA-1 below the anchor', [await leafOf(root, { hash: 'SHA-1' })], 'unknown-ca'],
  ['an RSA key of 1024 bits', [await leafOf(root, { keyKind: 'RSA-1024' })], 'wrong-purpose'],
];

describe('the matrix of client certificates', () => {
  const lists = listOf(root, [revokedLeaf, takenBack]);
  const trust = revocationTrust([root], { lists, check: 'chain', depth: 3 });
  for (const [what, presentation, expected] of rows)
    it(`${what}: ${expected}`, () => {
      const presented = connectionOf(presentation);
      const verdict = judgeCertificate(presented, trust, at);
      equal(verdict.kind === 'invalid' ? verdict.detail : verdict.kind, expected);
      deepEqual(judgeCertificate(presented, undefined, at), { kind: 'no-authority' });
    });
});

function leafOf(ca: Issued, options: Partial<IssueOptions> = {}): Promise<Issued> {
  return issueClientCertificate(ca, { ...valid, commonName: 'alice', ...options });
}

function connectionOf(presentation: Presentation): PresentedCertificate {
  if (presentation === undefined) return { kind: 'none' };
  const [leaf, ...chain] = presentation.map(({ certificate }) => certificate);
  return leaf === undefined ? { kind: 'none' } : { kind: 'presented', leaf, chain, tlsVerdict: undefined };
}
