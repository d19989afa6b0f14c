import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { readCaBundle } from '../../../src/certificate/ca-bundle.ts';
import type { CertificateFacts } from '../../../src/certificate/certificate-facts.ts';
import { certificateFacts } from '../../../src/certificate/certificate-facts.ts';
import type { CertificateTrust } from '../../../src/certificate/certificate-trust.ts';
import { buildTrust } from '../../../src/certificate/certificate-trust.ts';
import { judgeCertificate } from '../../../src/certificate/judge-certificate.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { wordsOf } from '../mutate-bytes.ts';
import { mutateDer } from '../mutate-der.ts';
import { pemOf } from '../pem-of.ts';

/**
 * Certificates in DER: read as Node and a third reader read them or not at all, and valid only when they are, to the last byte, ones that
 * the authority issued. The genuine ones lie in the corpus; their times are those of the year 2026.
 */
export const certificate: FuzzTarget = {
  name: 'certificate',
  briefly: 1_200,
  meets: ['read', 'unreadable to Node', 'refused'],
  open() {
    const corpus = readCorpus('certificate');
    const find = (name: string): Buffer => corpus.find(({ about }) => about === name)?.bytes ?? assert.fail(`no ${name} in the corpus`);
    const deep = new X509Certificate(find('a leaf of the intermediate'));
    const authority = pemOf('CERTIFICATE', find('the authority'));
    const genuine = {
      deep,
      intermediate: find('the intermediate'),
      trust: trustIn(authority) ?? assert.fail(),
      leaves: corpus.map(({ bytes }) => bytes),
    };
    for (const { about, bytes } of corpus)
      if (about.startsWith('a leaf')) assert.equal(judge(new X509Certificate(bytes), genuine), 'valid', `${about} is not valid`);
    return Promise.resolve({
      seeds: [],
      make: (random, known) => mutateDer(random, random.pick(known), { others: known, words }),
      check: (input) => check(input, genuine),
      [Symbol.asyncDispose]: closesNothing,
    });
  },
};

interface Genuine {
  readonly deep: X509Certificate;
  readonly intermediate: Buffer;
  readonly trust: CertificateTrust;
  readonly leaves: readonly Buffer[];
}

const at = Date.UTC(2026, 5, 1);
const words = wordsOf(
  '\x06\x03\x55\x1d\x13',
  '\x01\x01\xff',
  '\x30\x00',
  '\x05\x00',
  '\x06\x03\x55\x04\x03',
  '20260101000000Z',
  '500101000000Z',
  '\0',
  '\x30\x80',
  '\xff',
);

function trustIn(pem: string): CertificateTrust | undefined {
  const read = readCaBundle({ label: 'ca', path: [], text: pem }, at);
  return read.ok ? buildTrust(read.bundle, { maxVerifyDepth: 0, crls: undefined, subjectAltNames: undefined }) : undefined;
}

function judge(leaf: X509Certificate, { intermediate, trust }: Pick<Genuine, 'intermediate' | 'trust'>): string {
  const chain = [new X509Certificate(intermediate)];
  return judgeCertificate({ kind: 'presented', leaf, chain, tlsVerdict: undefined }, trust, at).kind;
}

function check(input: Buffer, genuine: Genuine): string {
  const read = parse(input);
  // As an authority it is read from a file, where nothing was looked at before.
  const asAuthority = trustIn(pemOf('CERTIFICATE', input));
  if (read === undefined) {
    assert.equal(asAuthority, undefined, 'an authority that Node cannot read');
    return 'unreadable to Node';
  }
  const isGenuine = genuine.leaves.some((each) => each.equals(read.raw));
  assert.ok(judge(read, genuine) !== 'valid' || isGenuine, 'a certificate that nobody issued is valid');
  const isKnown = genuine.intermediate.equals(read.raw);
  const presented = { kind: 'presented', leaf: genuine.deep, chain: [read], tlsVerdict: undefined } as const;
  assert.ok(judgeCertificate(presented, genuine.trust, at).kind !== 'valid' || isKnown, 'a forged intermediate leads to the authority');
  const facts = certificateFacts(read);
  if (facts === undefined) return asAuthority === undefined ? 'refused' : assert.fail('an authority that is refused as a leaf');
  checkFacts(read, facts);
  return asAuthority === undefined ? 'read' : 'read, and an authority';
}

function parse(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    // What Node can't read never gets to a judge.
    return undefined;
  }
}

function checkFacts(read: X509Certificate, facts: CertificateFacts): void {
  assert.equal(facts.sha256, read.fingerprint256.replaceAll(':', '').toLowerCase());
  if (!facts.serialKey.startsWith('\0') && facts.serialKey.charCodeAt(0) < 0x80)
    assert.equal(
      BigInt(`0x${Buffer.from(facts.serialKey, 'latin1').toString('hex')}`),
      BigInt(`0x${read.serialNumber}`),
      'another serial number',
    );
  // Not the other way round: Node looks into more extensions, and its own verdict of the handshake counts as well.
  if (read.ca) assert.equal(facts.isCa, true, 'an authority to Node and none here');
  const simple = /^[A-Za-z0-9 .@-]+$/;
  const lines = (read.subject ?? '').split('\n').map((line) => line.slice(line.indexOf('=') + 1));
  if (facts.subjectName.every((rdn) => rdn.length === 1 && simple.test(rdn[0]?.text ?? '')) && lines.every((line) => simple.test(line)))
    assert.deepEqual(
      lines,
      facts.subjectName.map(([attribute]) => attribute?.text),
      'another subject',
    );
  const third = thirdReader(read.raw);
  // It takes the years before 100 for those of the last century.
  if (third === undefined || Math.min(facts.notBefore, facts.notAfter) < Date.UTC(1900)) return;
  assert.deepEqual([third.notBefore.getTime(), third.notAfter.getTime()], [facts.notBefore, facts.notAfter], 'another validity');
  assert.equal(
    BigInt(`0x${third.serialNumber}`),
    BigInt(`0x${Buffer.from(facts.serialKey, 'latin1').toString('hex')}`),
    'a third serial number',
  );
}

function thirdReader(der: Buffer): x509.X509Certificate | undefined {
  try {
    return new x509.X509Certificate(Uint8Array.from(der));
  } catch {
    // It is stricter than Node in some things: nothing to compare with.
    return undefined;
  }
}
