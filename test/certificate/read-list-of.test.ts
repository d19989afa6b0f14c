import { deepEqual, equal, fail, match, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateFacts } from '../../src/certificate/certificate-facts.ts';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import type { Issued, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { readListOf } from '../../src/certificate/read-list-of.ts';
import { writeContextPrimitive, writeDer, writeExplicit, writeInteger, writeNull, writeSequence } from '../../src/certificate/write-der.ts';
import { valid } from './frozen-times.ts';
import { derOf, extension, listOf, reason, serialOf, tomorrow, yesterday } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
const mute = await issueAuthority({ ...valid, commonName: 'Mute', keyUsage: ['keyCertSign'] });
const alice = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
const url = 'http://crl.corp.test/part-1.crl';
const onlyUsers = flag(1);

describe('readListOf()', () => {
  it('reads a list of the authority, in DER and in PEM', () => {
    const pem = listOf(root, [alice], { number: 7n });
    for (const bytes of [derOf(pem), Buffer.from(pem), Buffer.from(`Certificate Revocation List:\r\n${pem}`)]) {
      const read = readListOf(bytes, factsOf(root));
      ok(read.ok);
      const { serials, authority, sha256, ...rest } = read.list;
      deepEqual([serials.size, serials.has(serialOf(alice).toString('latin1')), authority.sha256], [1, true, factsOf(root).sha256]);
      deepEqual(rest, {
        issuer: 'CN=Root',
        issuerCanonical: factsOf(root).subjectCanonical,
        issuerKeyId: factsOf(root).subjectKeyId,
        number: 7n,
        onlyUserCertificates: false,
        thisUpdate: yesterday.getTime(),
        nextUpdate: tomorrow.getTime(),
      });
      match(sha256, /^[0-9a-f]{64}$/);
    }
  });

  const plain = listOf(root, []);
  const changed = derOf(plain);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const late = listOf(root, [], { revoked: [{ serial: Buffer.of(5), at: yesterday, extensions: [reason(8)] }] });
  const forged = listOf(namesake, [], { revoked: [{ serial: Buffer.of(5), at: yesterday, extensions: [reason(8)] }] });

  // oxfmt-ignore
  const refused: readonly (readonly [what: string, bytes: Buffer, problem: string])[] = [
    ['nothing', Buffer.alloc(0), 'is neither DER nor PEM'],
    ['a page of HTML', Buffer.from('<html>'), 'is neither DER nor PEM'],
    ['two lists', Buffer.from(plain + plain), 'comes as one of 2 PEM blocks, expected one'],
    ['a certificate', Buffer.from(root.certificatePem), 'is a "CERTIFICATE", expected "X509 CRL"'],
    ['damaged PEM', Buffer.from(plain.replace('END', 'AND')), 'is damaged PEM'],
    ['bytes after the list', Buffer.concat([derOf(plain), Buffer.of(0)]), 'cannot be read as a revocation list (bytes after the end of a value): write it anew'],
    ['the list of another authority', derOf(listOf(mute, [])), 'is of "CN=Mute" and not of "CN=Root"'],
    ['the list of an authority of the same name', derOf(listOf(namesake, [])), 'was not signed by the key of "CN=Root", or was changed since'],
    ['a list that was changed', changed, 'was not signed by the key of "CN=Root", or was changed since'],
    ['a delta list', derOf(listOf(root, [], { extensions: [extension('2.5.29.27', writeInteger(1))] })), 'is a delta list, which tells changes only: write the complete list of the authority instead'],
    ['an unknown critical extension', derOf(listOf(root, [], { extensions: [extension('1.2.3.4', writeNull())] })), 'has a critical extension that is not understood (1.2.3.4)'],
    ['an entry that is taken back', derOf(late), 'takes entries back (removeFromCRL), as only a delta list does: write the complete list of the authority instead'],
    ['entries of a list that nobody signed: they are not looked at', derOf(forged), 'was not signed by the key of "CN=Root", or was changed since'],
  ];
  for (const [what, bytes, problem] of refused) {
    it(`refuses ${what}`, () => {
      deepEqual(readListOf(bytes, factsOf(root), url), { ok: false, message: `the revocation list ${problem}` });
    });
  }

  it('refuses a list of an authority that may not sign lists', () => {
    deepEqual(readListOf(derOf(listOf(mute, [])), factsOf(mute)), {
      ok: false,
      message: 'the revocation list is signed by "CN=Mute", which may not sign revocation lists (key usage without cRLSign)',
    });
  });

  it('takes the list of the distribution point it was fetched from, and tells whom it leaves out', () => {
    deepEqual([part(point(url)), part(point('ldap://x', url)), part(point(url), onlyUsers), part()], ['all', 'all', 'users', 'all']);
  });

  it('refuses every other part of a list', () => {
    for (const [scope, problem] of [
      [[point('http://crl.corp.test/part-2.crl')], /is for another distribution point than "http:\/\/crl\.corp\.test\/part-1\.crl"/],
      [[point(`${url}?`)], /is for another distribution point/],
      [[point()], /is for another distribution point/],
      [[writeExplicit(0, writeDer(0xa1, writeSequence()))], /is for another distribution point/],
      [[onlyUsers], /is one part of a list \(onlyContainsUserCerts\)/],
      [[point(url), flag(2)], /is one part of a list \(onlyContainsCACerts\)/],
      [[point(url), onlyUsers, flag(2)], /is one part of a list \(onlyContainsCACerts\)/],
      [[point(url), writeContextPrimitive(3, Buffer.of(7, 0x80))], /is one part of a list \(onlySomeReasons\)/],
      [[point(url), flag(4)], /is one part of a list \(indirectCRL\)/],
      [[point(url), onlyUsers, flag(4)], /is one part of a list \(indirectCRL\)/],
      [[point(url), flag(5)], /is one part of a list \(onlyContainsAttributeCerts\)/],
      [[point(url), writeContextPrimitive(1, Buffer.of(0))], /a scope with a flag that is none/],
      [[point(url), onlyUsers, onlyUsers], /a scope with a flag that is none/],
    ] as const)
      match(part(...scope), problem);
  });

  it('refuses any part of a list where nobody says where it came from', () => {
    match(
      messageOf(readListOf(derOf(listOf(root, [], { extensions: [scopeOf(point(url))] })), factsOf(root))),
      /is one part of a list \(distributionPoint\)/,
    );
  });

  it('never throws, whatever byte of a list is changed, and believes none of them', () => {
    const der = derOf(listOf(root, [alice], { extensions: [scopeOf(point(url), onlyUsers)] }));
    equal(readListOf(der, factsOf(root), url).ok, true);
    for (let index = 0; index < der.length; index += 1) {
      const changedDer = Buffer.from(der);
      changedDer[index] = (changedDer[index] ?? 0) ^ 0x81;
      equal(readListOf(changedDer, factsOf(root), url).ok, false, `byte ${index}`);
    }
  });
});

function factsOf({ certificate }: Issued): CertificateFacts {
  return certificateFacts(certificate) ?? fail('the certificate cannot be read');
}

function flag(tag: number): Buffer {
  return writeContextPrimitive(tag, Buffer.of(0xff));
}

/** A distribution point that is written in full, with these URLs. */
function point(...urls: readonly string[]): Buffer {
  return writeExplicit(0, writeDer(0xa0, ...urls.map((each) => writeContextPrimitive(6, Buffer.from(each)))));
}

function scopeOf(...parts: readonly Buffer[]): RawExtension {
  return extension('2.5.29.28', writeSequence(...parts));
}

/** Whom the list of this scope covers when it was fetched from `url`, or why it covers nobody. */
function part(...parts: readonly Buffer[]): string {
  const read = readListOf(derOf(listOf(root, [], { extensions: [scopeOf(...parts)] })), factsOf(root), url);
  if (!read.ok) return messageOf(read);
  return read.list.onlyUserCertificates ? 'users' : 'all';
}

function messageOf(read: ReturnType<typeof readListOf>): string {
  return read.ok ? '' : read.message;
}
