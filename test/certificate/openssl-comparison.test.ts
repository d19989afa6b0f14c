import { deepEqual, fail, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { ChainCase } from './chain-cases.ts';
import { chainCases } from './chain-cases.ts';
import { crlCases } from './crl-cases.ts';
import { at } from './frozen-times.ts';
import { bundleOf, trustOf } from './trust-of.ts';

describe('judgeCertificate() beside another implementation', () => {
  it('accepts and refuses what `openssl verify` accepts and refuses', async (context) => {
    if (!hasOpenssl(context)) return;
    const cases = await chainCases();
    ok(cases.length > 60, `${cases.length} chains`);
    await inDirectory(async (directory) => {
      const verdicts: string[] = [];
      for (const one of cases) verdicts.push(`${one.name}: ${await opensslAccepts({ ...one, lists: '' }, directory)}`);
      deepEqual(
        cases.map((one) => `${one.name}: ${weAccept({ ...one, lists: '' })}`),
        verdicts.map((verdict) => ourOwn.get(verdict) ?? verdict),
      );
    });
  });

  it('does so with revocation lists, where a refused list lets nobody in', async (context) => {
    const cases = await crlCases();
    deepEqual(
      cases.map((one) => `${one.name}: ${weAccept({ ...one, chain: [] })}`),
      cases.map(({ name, accepted }) => `${name}: ${accepted}`),
    );
    if (!hasOpenssl(context)) return;
    await inDirectory(async (directory) => {
      const verdicts: string[] = [];
      for (const one of cases) verdicts.push(`${one.name}: ${await opensslAccepts({ ...one, chain: [] }, directory)}`);
      deepEqual(
        cases.map(({ name, accepted }) => `${name}: ${accepted}`),
        verdicts.map((verdict) => ourOwn.get(verdict) ?? verdict),
      );
    });
  });
});

interface Compared extends Pick<ChainCase, 'leaf' | 'chain' | 'anchors'> {
  /** PEM; empty: revocation is not looked at. */
  readonly lists: string;
}

function hasOpenssl(context: TestContext): boolean {
  if (spawnSync('openssl', ['version']).status === 0) return true;
  if (process.env['CI'] === 'true') fail('the openssl command is missing: install the package openssl');
  context.diagnostic('NOT COMPARED: the openssl command is missing, install the package openssl');
  return false;
}

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-openssl-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

// Where we mean to differ: OpenSSL follows one issuer and does not come back for the other, and its level 2 takes 224 bits.
// Of lists it wants one for every issuer, and a delta list without the list that it changes is good enough.
const ourOwn = new Map([
  ['a cross-signed intermediate, the trusted way second: false', 'a cross-signed intermediate, the trusted way second: true'],
  ['a leaf on a curve of 224 bits: true', 'a leaf on a curve of 224 bits: false'],
  ['a delta list alone: true', 'a delta list alone: false'],
  ['the list of a stranger only: false', 'the list of a stranger only: true'],
]);

function weAccept({ leaf, chain, anchors, lists }: Compared): boolean {
  const crls = readCrlBundle({ text: lists, label: 'crl.pem', path: [] }, [bundleOf(anchors)], at);
  if (lists !== '' && !crls.ok) return false;
  const presented = {
    kind: 'presented',
    leaf: leaf.certificate,
    chain: chain.map(({ certificate }) => certificate),
    tlsVerdict: undefined,
  } as const;
  return judgeCertificate(presented, trustOf(anchors, { crls: crls.ok ? crls.crls : undefined }), at).kind === 'valid';
}

async function opensslAccepts({ leaf, chain, anchors, lists }: Compared, directory: string): Promise<boolean> {
  const fileOf = (name: string): string => join(directory, name);
  const [anchorFile, chainFile, leafFile, listFile] = [fileOf('anchors.pem'), fileOf('chain.pem'), fileOf('leaf.pem'), fileOf('lists.pem')];
  await writeFile(anchorFile, pemOf(anchors));
  await writeFile(chainFile, pemOf(chain));
  await writeFile(leafFile, pemOf([leaf]));
  await writeFile(listFile, lists);
  // Level 2 is what refuses SHA-1 and keys that are too small.
  const rules = ['-purpose', 'sslclient', '-partial_chain', '-auth_level', '2', '-attime', String(at / 1000)];
  const sources = ['-no-CApath', '-no-CAstore', '-CAfile', anchorFile, ...(chain.length === 0 ? [] : ['-untrusted', chainFile])];
  const revocation = lists === '' ? [] : ['-crl_check', '-CRLfile', listFile];
  return spawnSync('openssl', ['verify', ...rules, ...sources, ...revocation, leafFile]).status === 0;
}

function pemOf(list: readonly Issued[]): string {
  return list.map(({ certificatePem }) => certificatePem).join('');
}
