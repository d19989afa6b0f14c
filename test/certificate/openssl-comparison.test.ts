import { deepEqual, fail, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readCaBundle } from '../../src/certificate/ca-bundle.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { judgeCertificate } from '../../src/certificate/judge-certificate.ts';
import type { ChainCase } from './chain-cases.ts';
import { chainCases } from './chain-cases.ts';
import { at } from './frozen-times.ts';

describe('judgeCertificate() beside another implementation', () => {
  it('accepts and refuses what `openssl verify` accepts and refuses', async (context) => {
    const version = spawnSync('openssl', ['version'], { encoding: 'utf8' });
    if (version.status !== 0) {
      if (process.env['CI'] === 'true') fail('the openssl command is missing: install the package openssl');
      context.diagnostic('NOT COMPARED: the openssl command is missing, install the package openssl');
      return;
    }
    const cases = await chainCases();
    ok(cases.length > 60, `${cases.length} chains`);
    const directory = await mkdtemp(join(tmpdir(), 'postern-openssl-'));
    try {
      const verdicts: string[] = [];
      for (const one of cases) verdicts.push(`${one.name}: ${await opensslAccepts(one, directory)}`);
      deepEqual(
        cases.map((one) => `${one.name}: ${weAccept(one)}`),
        verdicts.map((verdict) => ourOwn.get(verdict) ?? verdict),
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

// Where we mean to differ: OpenSSL follows one issuer and does not come back for the other, and its level 2 takes 224 bits.
const ourOwn = new Map([
  ['a cross-signed intermediate, the trusted way second: false', 'a cross-signed intermediate, the trusted way second: true'],
  ['a leaf on a curve of 224 bits: true', 'a leaf on a curve of 224 bits: false'],
]);

function weAccept({ leaf, chain, anchors }: ChainCase): boolean {
  const read = readCaBundle({ text: pemOf(anchors), label: 'ca.pem', path: [] }, Date.parse('2025-06-01'));
  if (!read.ok) throw new Error(read.message);
  const presented = {
    kind: 'presented',
    leaf: leaf.certificate,
    chain: chain.map(({ certificate }) => certificate),
    tlsVerdict: undefined,
  } as const;
  return judgeCertificate(presented, { bundle: read.bundle, maxVerifyDepth: 0 }, at).kind === 'valid';
}

async function opensslAccepts({ leaf, chain, anchors }: ChainCase, directory: string): Promise<boolean> {
  const [anchorFile, chainFile, leafFile] = ['anchors.pem', 'chain.pem', 'leaf.pem'].map((name) => join(directory, name));
  if (anchorFile === undefined || chainFile === undefined || leafFile === undefined) throw new Error('three names give three files');
  await writeFile(anchorFile, pemOf(anchors));
  await writeFile(chainFile, pemOf(chain));
  await writeFile(leafFile, pemOf([leaf]));
  // Level 2 is what refuses SHA-1 and keys that are too small.
  const rules = ['-purpose', 'sslclient', '-partial_chain', '-auth_level', '2', '-attime', String(at / 1000)];
  const sources = ['-no-CApath', '-no-CAstore', '-CAfile', anchorFile, ...(chain.length === 0 ? [] : ['-untrusted', chainFile])];
  return spawnSync('openssl', ['verify', ...rules, ...sources, leafFile]).status === 0;
}

function pemOf(list: readonly Issued[]): string {
  return list.map(({ certificatePem }) => certificatePem).join('');
}
