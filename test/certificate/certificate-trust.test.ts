import { deepEqual, match } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateTrust } from '../../src/certificate/certificate-trust.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import { at, past, valid } from './frozen-times.ts';
import { trustOf } from './trust-of.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const middle = await issueIntermediate(root, { ...valid, commonName: 'Middle' });
const lower = await issueIntermediate(middle, { ...valid, commonName: 'Lower' });
const leaf = await issueClientCertificate(lower, { ...valid, commonName: 'alice' });

describe('buildTrust()', () => {
  it('takes every certificate of the CA file for an anchor, unless no partial chain is allowed', () => {
    deepEqual(
      [undefined, true, false].map((allow) => sidesOf(trust([root, middle], allow))),
      [
        [['CN=Root', 'CN=Middle'], []],
        [['CN=Root', 'CN=Middle'], []],
        [['CN=Root'], ['CN=Middle']],
      ],
    );
  });

  it('goes through the others of the CA file as if they had been sent along', () => {
    deepEqual(
      [[], [lower], [lower, middle]].map((chain) => word(judge(chain, trust([root, middle, lower], false)))),
      ['valid', 'valid', 'valid'],
    );
    deepEqual([word(judge([lower], trust([root, middle], false))), word(judge([], trust([root, middle], false)))], ['valid', 'unknown-ca']);
  });

  it('counts the depth to the self-signed authority then', () => {
    const depths = [1, 2, 3];
    const verdicts = (allow: boolean): readonly string[] =>
      depths.map((depth) =>
        word(judge([], { ...trust([root, middle, lower], allow), maxVerifyDepth: depth, id: `depth ${depth} ${allow}` })),
      );
    deepEqual(
      [verdicts(true), verdicts(false)],
      [
        ['valid', 'valid', 'valid'],
        ['depth-exceeded', 'depth-exceeded', 'valid'],
      ],
    );
  });

  it('lets nobody in where nothing in the CA file is self-signed, and says why', () => {
    const verdict = judge([lower, middle], trust([middle, lower], false));
    deepEqual(word(verdict), 'unknown-ca');
    match(
      explanation(verdict),
      /^"CN=Middle" is trusted to lead to a self-signed authority only \(allow_partial_chain\), and "CN=Root", which issued/,
    );
  });

  it('takes one that bears its own name and the signature of another key for no root', async () => {
    const impostor = await issueIntermediate(root, { ...valid, commonName: 'Root' });
    const below = await issueClientCertificate(impostor, { ...valid, commonName: 'alice' });
    deepEqual(
      [word(judge([], trust([impostor], false), below)), word(judge([], trust([impostor, root], false), below))],
      ['unknown-ca', 'valid'],
    );
  });

  it('knows a root that signed itself over SHA-1, and holds the others of the file to all rules', async () => {
    const old = await issueAuthority({ ...valid, commonName: 'Old', hash: 'SHA-1' });
    const expired = await issueIntermediate(old, { ...past, commonName: 'Between' });
    const fresh = await issueIntermediate(old, { ...valid, commonName: 'Between', keyPem: expired.keyPem });
    const below = await issueClientCertificate(fresh, { ...valid, commonName: 'alice' });
    deepEqual(
      [
        [old, expired],
        [old, fresh],
        [old, expired, fresh],
      ].map((anchors) => word(judge([], trust(anchors, false), below))),
      ['expired', 'valid', 'valid'],
    );
  });
});

function sidesOf({ anchors, intermediates }: CertificateTrust): readonly (readonly string[])[] {
  return [anchors, intermediates].map((side) => side.map(({ subject }) => subject));
}

function trust(anchors: readonly Issued[], allowPartialChain?: boolean): CertificateTrust {
  return trustOf(anchors, allowPartialChain === undefined ? {} : { allowPartialChain });
}

function judge(chain: readonly Issued[], rules: CertificateTrust, one: Issued = leaf): CertificateVerdict {
  const certificates = chain.map(({ certificate }) => certificate);
  return judgeCertificate({ kind: 'presented', leaf: one.certificate, chain: certificates, tlsVerdict: undefined }, rules, at);
}

function word(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.detail : verdict.kind;
}

function explanation(verdict: CertificateVerdict): string {
  return verdict.kind === 'invalid' ? verdict.explanation : verdict.kind;
}
