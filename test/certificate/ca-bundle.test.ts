import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CaBundleResult } from '../../src/certificate/ca-bundle.ts';
import { readCaBundle } from '../../src/certificate/ca-bundle.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { at, future, past, valid } from './frozen-times.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const other = await issueAuthority({ ...valid, commonName: 'Other' });
const old = await issueAuthority({ ...past, commonName: 'Old' });
const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice' });
const good = root.certificatePem;

describe('readCaBundle()', () => {
  it('takes every certificate as an anchor, in order and each once', () => {
    const read = bundle(`${good}${other.certificatePem}${good}`);
    deepEqual(read.ok && read.bundle.anchors.map(({ facts }) => facts.subject), ['CN=Root', 'CN=Other']);
  });

  it('tells an anchor by its bytes and offers its name as a server sends it', () => {
    const read = bundle(good);
    const [anchor] = read.ok ? read.bundle.anchors : [];
    equal(anchor?.sha256, root.certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    equal(anchor?.pem, root.certificate.toString());
    equal(anchor?.subjectRaw.toString('hex'), '300f310d300b06035504030c04526f6f74');
  });

  it('has one id for one set, whatever the order, the spaces and the words around', () => {
    const ids = [
      `${good}${other.certificatePem}`,
      `\uFEFFSubject: CN=Root\r\n${other.certificatePem.replaceAll('\n', '\r\n')}\n  some words\n${good}`,
      good,
    ].map((text) => {
      const read = bundle(text);
      return read.ok ? read.bundle.id : read.message;
    });
    equal(ids[0], ids[1]);
    equal(ids[0] === ids[2], false);
  });

  const broken = good.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n');
  const refusals: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['an empty file', '', /"ca\.pem" as client CA: it is empty/],
    ['blank lines', ' \n\n', /it is empty/],
    ['no PEM at all', 'hello', /it holds no PEM block/],
    ['a private key', root.keyPem, /block 1 of 1 is a private key/],
    ['a private key after a good block', good + root.keyPem, /block 2 of 2 is a private key/],
    ['a block cut short', good + other.certificatePem.slice(0, 200), /block 2 of 2 \("CERTIFICATE"\) is damaged/],
    ['a block without its first marker', good + other.certificatePem.replace(/^-----BEGIN.*\n/, ''), /block 2 of 2 .* is damaged/],
    ['a marker with too few dashes', good + other.certificatePem.replace('-----BEGIN', '----BEGIN'), /block 2 of 3 .* is damaged/],
    ['a block all on one line', good.replaceAll('\n', ''), /block 1 of 1 .* is damaged/],
    ['an indented block', good.replaceAll(/^/gm, '  '), /block 1 of 2 .* is damaged/],
    ['another block begun before the first ends', `-----BEGIN CERTIFICATE-----\n${good}`, /block 1 of 2 .* is damaged/],
    ['letters that are not base64', good.replace('MII', 'M*I'), /block 1 of 1 .* is damaged/],
    ['a certificate with a line missing', other.certificatePem + broken, /block 2 of 2 (?:cannot be read|\("CERTIFICATE"\) is damaged)/],
    [
      'base64 of something else',
      '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n',
      /block 1 of 1 cannot be read as a certificate/,
    ],
    ['bytes after the certificate', padded(root.certificate.raw), /block 1 of 1 cannot be read as a certificate/],
    ['a block of another kind', good.replaceAll('CERTIFICATE', 'X509 CRL'), /block 1 of 1 is a "X509 CRL", expected "CERTIFICATE"/],
    ['a leaf', good + leaf.certificatePem, /block 2 of 2 \("CN=alice"\) is no authority \(CA:FALSE\)/],
    ['only expired authorities', old.certificatePem, /every authority in it has expired \("CN=Old" expired at 2026-01-01T/],
  ];
  for (const [what, text, message] of refusals) {
    it(`refuses ${what}, naming the file and the block`, () => {
      const read = bundle(text);
      match(read.ok ? 'accepted' : read.message, message);
      match(read.ok ? 'accepted' : read.message, /^Cannot use "ca\.pem" as client CA: /);
    });
  }

  it('never repeats what was in the file', () => {
    const read = bundle(root.keyPem);
    equal(read.ok || read.message.includes(root.keyPem.split('\n')[1] ?? ''), false);
  });

  it('accepts an expired, a future or a weak authority among others, and warns of each', async () => {
    const later = await issueAuthority({ ...future, commonName: 'Later' });
    const weak = await issueAuthority({ ...valid, commonName: 'Weak', keyKind: 'RSA-1024' });
    const read = bundle([old, root, later, weak].map(({ certificatePem }) => certificatePem).join(''));
    deepEqual(read.ok && read.warnings, [
      'Client CA "ca.pem": "CN=Old" expired at 2026-01-01T00:00:00.000Z: certificates that it issued are refused',
      'Client CA "ca.pem": "CN=Later" is not valid before 2026-12-01T00:00:00.000Z',
      'Client CA "ca.pem": "CN=Weak" has an RSA key of 1024 bits where 2048 are the least: certificates that it issued are refused',
    ]);
  });
});

function bundle(text: string): CaBundleResult {
  return readCaBundle({ text, label: 'ca.pem', path: ['client_ca_file'] }, at);
}

function padded(der: Buffer): string {
  const base64 = Buffer.concat([der, Buffer.of(0, 0, 0)]).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
