import { deepEqual, equal, match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { readCrl, readEntries } from '../../src/certificate/read-crl.ts';
import { valid } from './frozen-times.ts';
import { derOf, extension, listOf, reason, serialOf, tomorrow, yesterday } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root', organization: 'Ünï, Inc.' });
const alice = await issueClientCertificate(root, { ...valid, commonName: 'alice' });

describe('issueCrl() and readEntries()', () => {
  it('write a list and read back every entry as it was written', () => {
    const revoked = [
      { serial: serialOf(alice), at: yesterday, extensions: [] },
      { serial: Buffer.of(0, 0x80), at: new Date('2055-01-01'), extensions: [reason(1), extension('1.2.3.4', Buffer.of(5, 0), true)] },
    ];
    deepEqual(readEntries(derOf(listOf(root, [], { revoked }))), revoked);
    deepEqual(readEntries(derOf(listOf(root, []))), []);
  });

  it('write the very name of the authority, the dates, the number, and which key signed', () => {
    const read = readCrl(derOf(listOf(root, [], { number: 2n ** 100n })));
    if (typeof read === 'string') throw new Error(read);
    const { issuer, issuerKeyId = '', number, thisUpdate, nextUpdate } = read.crl;
    deepEqual([issuer, number, thisUpdate, nextUpdate], ['CN=Root,O=Ünï\\, Inc.', 2n ** 100n, yesterday.getTime(), tomorrow.getTime()]);
    match(issuerKeyId, /^[0-9a-f]{40}$/);
  });

  it('write what OpenSSL reads', (context) => {
    if (spawnSync('openssl', ['version']).status !== 0) return context.diagnostic('NOT COMPARED: the openssl command is missing');
    const list = listOf(root, [alice], { number: 10n, to: new Date('2051-01-01') });
    const { stdout, status } = spawnSync('openssl', ['crl', '-noout', '-text'], { input: list, encoding: 'utf8' });
    equal(status, 0);
    match(
      stdout,
      /Version 2 \(0x1\)[^]*ecdsa-with-SHA256[^]*Last Update: May 31 12:00:00 2026 GMT[^]*Next Update: Jan  1 00:00:00 2051 GMT/,
    );
    match(stdout, /X509v3 Authority Key Identifier:[^]*X509v3 CRL Number:\s*10\s/);
    match(stdout, new RegExp(`Serial Number: ${alice.certificate.serialNumber}\\s+Revocation Date: May 31`));
  });
});
