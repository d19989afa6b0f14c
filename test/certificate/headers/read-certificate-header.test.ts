import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { AcceptedDialect, CertificateDialect } from '../../../src/config/certificate-header-settings.ts';
import { acceptedHeaderNames, readCertificateHeader } from '../../../src/certificate/headers/read-certificate-header.ts';
import { writeCertificateHeaders } from '../../../src/certificate/headers/write-certificate-headers.ts';
import { createRandom } from '../../fuzz/random.ts';
import { hostileCertificates, victim } from './hostile-certificates.ts';
import { rawCertificate, someIssuer, utf8 } from './raw-certificate.ts';

const middleName = [[utf8('2.5.4.3', 'Issuing CA')]];
const middle = rawCertificate({ subject: middleName, alternativeNames: [] }, someIssuer, true);
const leaf = rawCertificate({ subject: [[utf8('2.5.4.3', 'alice')]], alternativeNames: [] }, { ...someIssuer, subject: middleName });

const accepted: readonly AcceptedDialect[] = ['xfcc', 'nginx', 'traefik', 'rfc9440'];
const pem = encodeURIComponent(leaf.toString());
const victimPem = encodeURIComponent(victim.toString());
const chainPem = encodeURIComponent(`${leaf.toString()}${middle.toString()}`);
const base64 = leaf.raw.toString('base64');
const middleBase64 = middle.raw.toString('base64');
const hash = leaf.fingerprint256.replaceAll(':', '').toLowerCase();

describe('readCertificateHeader()', () => {
  it('reads what is written, with and without the further certificates', () => {
    for (const dialect of accepted) {
      for (const chain of [false, true]) {
        const expected = chain && dialect !== 'nginx' ? [leaf, middle] : [leaf];
        assert.deepEqual(read(dialect, written(dialect, leaf, chain)), prints(expected), `${dialect} ${chain}`);
      }
    }
  });

  it('reads the certificate of every hostile name that is written', () => {
    for (const { certificate, what } of hostileCertificates('read', 100)) {
      for (const dialect of accepted) assert.deepEqual(read(dialect, written(dialect, certificate, true)), prints([certificate]), what);
    }
  });

  const fine: readonly (readonly [what: string, AcceptedDialect, readonly string[], expected: readonly X509Certificate[] | 'none'])[] = [
    ['no header at all', 'xfcc', ['accept', '*/*'], 'none'],
    ['the header of another dialect', 'xfcc', ['ssl-client-cert', pem], 'none'],
    [
      'an element as Envoy writes it',
      'xfcc',
      xfcc(`By=spiffe://edge/p?a=b;Hash=${hash};Cert="${pem}";Subject="CN=a\\,b\\"c";URI=x;DNS=y;DNS=z`),
      [leaf],
    ],
    ['a certificate without quotes', 'xfcc', xfcc(`Cert=${pem}`), [leaf]],
    ['keys in any case', 'xfcc', xfcc(`hash=${hash.toUpperCase()};CERT=${pem}`), [leaf]],
    ['a chain alone', 'xfcc', xfcc(`Hash=${hash};Chain="${chainPem}"`), [leaf, middle]],
    ['a certificate with its chain', 'xfcc', xfcc(`Cert="${pem}";Chain="${chainPem}"`), [leaf, middle]],
    ['a certificate alone', 'nginx', ['SSL-Client-Cert', pem], [leaf]],
    ['a certificate that was verified', 'nginx', ['ssl-client-cert', pem, 'ssl-client-verify', 'SUCCESS'], [leaf]],
    ['a certificate that the proxy does not believe', 'nginx', ['ssl-client-cert', pem, 'ssl-client-verify', 'FAILED:expired'], [leaf]],
    ['no certificate, said so', 'nginx', ['ssl-client-verify', 'NONE'], 'none'],
    ['no certificate, said twice', 'nginx', ['ssl-client-cert', '', 'ssl-client-verify', 'NONE'], 'none'],
    ['escapes in lower case', 'nginx', ['ssl-client-cert', pem.replace(/%../g, (escape) => escape.toLowerCase())], [leaf]],
    ['several certificates', 'traefik', traefik(`${base64},${middleBase64}`), [leaf, middle]],
    ['the older, percent-encoded form', 'traefik', traefik([base64, middleBase64].map(encodeURIComponent).join(',')), [leaf, middle]],
    ['the older form with its comma encoded', 'traefik', traefik(encodeURIComponent(`${base64},${middleBase64}`)), [leaf, middle]],
    ['a leaf alone', 'rfc9440', ['Client-Cert', `:${base64}:`], [leaf]],
    ['a chain', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert-Chain', `:${middleBase64}:`], [leaf, middle]],
    [
      'a chain on two lines',
      'rfc9440',
      [
        'Client-Cert',
        `:${base64}:`,
        'Client-Cert-Chain',
        `:${middleBase64}:`,
        'Client-Cert-Chain',
        `:${victim.raw.toString('base64')}: ,\t:${middleBase64}:`,
      ],
      [leaf, middle, victim, middle],
    ],
    ['an empty chain', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert-Chain', ''], [leaf]],
  ];
  for (const [what, dialect, headers, expected] of fine) {
    it(`reads ${what} as ${dialect}`, () => {
      assert.deepEqual(read(dialect, headers), expected === 'none' ? 'none' : prints(expected));
    });
  }

  const cutBase64 = leaf.raw.subarray(0, -1).toString('base64');
  const longerBase64 = Buffer.concat([leaf.raw, Buffer.of(0)]).toString('base64');
  const refused: readonly (readonly [what: string, AcceptedDialect, readonly string[]])[] = [
    ['two lines', 'xfcc', [...xfcc(`Cert=${pem}`), ...xfcc(`Cert=${pem}`)]],
    ['two elements', 'xfcc', xfcc(`Cert=${pem},Cert=${victimPem}`)],
    ['an element after a comma in an unquoted URI', 'xfcc', xfcc(`Hash=${hash};Cert=${pem};URI=a,Cert=${victimPem}`)],
    ['a second certificate from an unquoted URI', 'xfcc', xfcc(`Hash=${hash};Cert=${pem};URI=a;Cert=${victimPem}`)],
    ['a certificate that an unquoted URI brought', 'xfcc', xfcc(`Hash=${hash};URI=a;Cert=${victimPem}`)],
    ['a hash that an unquoted URI brought', 'xfcc', xfcc(`Hash=${hash};URI=a;Hash=${hash};Cert=${pem}`)],
    ['the hash of another', 'xfcc', xfcc(`Hash=${'0'.repeat(64)};Cert=${pem}`)],
    ['an empty hash', 'xfcc', xfcc(`Hash=;Cert=${pem}`)],
    ['a chain of another', 'xfcc', xfcc(`Cert="${victimPem}";Chain="${chainPem}"`)],
    ['a certificate that is a chain', 'xfcc', xfcc(`Cert="${chainPem}"`)],
    ['a hash alone, as Envoy sends it by default', 'xfcc', xfcc(`By=spiffe://edge/p;Hash=${hash}`)],
    ['a quote that does not end', 'xfcc', xfcc(`Hash=${hash};Cert="${pem}`)],
    ['text after a quote', 'xfcc', xfcc(`Cert="${pem}"x`)],
    ['a quote inside a bare value', 'xfcc', xfcc(`Cert=${pem};URI=a"b`)],
    ['a pair without value', 'xfcc', xfcc(`Cert=${pem};URI`)],
    ['a semicolon at the end', 'xfcc', xfcc(`Cert=${pem};`)],
    ['a comma at the end', 'xfcc', xfcc(`Cert=${pem},`)],
    ['spaces between pairs', 'xfcc', xfcc(`Hash=${hash}; Cert=${pem}`)],
    ['an escape in a certificate', 'xfcc', xfcc(`Cert="\\${pem}"`)],
    ['PEM that is not encoded', 'xfcc', xfcc(`Cert="${leaf.toString().replaceAll('\n', ' ')}"`)],
    ['an empty header', 'xfcc', xfcc('')],
    ['two lines', 'nginx', ['ssl-client-cert', pem, 'ssl-client-cert', pem]],
    ['two verdicts', 'nginx', ['ssl-client-verify', 'NONE', 'ssl-client-verify', 'SUCCESS']],
    ['an underscore beside it', 'nginx', ['ssl-client-cert', pem, 'SSL_CLIENT_CERT', victimPem]],
    ['an underscore in the only one', 'nginx', ['ssl_client-cert', pem]],
    ['a certificate where there is said to be none', 'nginx', ['ssl-client-cert', pem, 'ssl-client-verify', 'NONE']],
    ['no certificate where there is said to be one', 'nginx', ['ssl-client-verify', 'SUCCESS']],
    ['a verdict that nginx does not give', 'nginx', ['ssl-client-cert', pem, 'ssl-client-verify', '0']],
    ['an empty header', 'nginx', ['ssl-client-cert', '']],
    ['two certificates', 'nginx', ['ssl-client-cert', chainPem]],
    ['text before the certificate', 'nginx', ['ssl-client-cert', `x%0A${pem}`]],
    ['text after the certificate', 'nginx', ['ssl-client-cert', `${pem}x`]],
    [
      'a key behind the certificate',
      'nginx',
      ['ssl-client-cert', `${pem}${encodeURIComponent('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')}`],
    ],
    ['base64 with + and / left as they are', 'nginx', ['ssl-client-cert', pem.replaceAll('%2B', '+').replaceAll('%2F', '/')]],
    ['an escape cut short', 'nginx', ['ssl-client-cert', `${pem}%0`]],
    ['an escape beyond ASCII', 'nginx', ['ssl-client-cert', `${pem}%C5%BC`]],
    ['PEM with spaces', 'nginx', ['ssl-client-cert', leaf.toString().replaceAll('\n', ' ')]],
    ['bytes after the certificate, inside the block', 'nginx', ['ssl-client-cert', encodeURIComponent(pemOf(longerBase64))]],
    ['(null)', 'nginx', ['ssl-client-cert', '(null)']],
    ['two lines', 'traefik', [...traefik(base64), ...traefik(base64)]],
    ['PEM', 'traefik', traefik(pem)],
    ['a comma at the end', 'traefik', traefik(`${base64},`)],
    ['a space after the comma', 'traefik', traefik(`${base64}, ${middleBase64}`)],
    ['base64 without its padding', 'traefik', traefik(base64.replace(/=+$/, '').slice(0, -1))],
    ['a certificate cut short', 'traefik', traefik(cutBase64)],
    ['a byte after the certificate', 'traefik', traefik(longerBase64)],
    ['base64 of PEM', 'traefik', traefik(Buffer.from(leaf.toString()).toString('base64'))],
    ['one good and one bad', 'traefik', traefik(`${base64},AAAA`)],
    ['17 certificates', 'traefik', traefik(Array.from({ length: 17 }, () => base64).join(','))],
    ['an empty header', 'traefik', traefik('')],
    ['two lines', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert', `:${base64}:`]],
    ['a list', 'rfc9440', ['Client-Cert', `:${base64}:, :${base64}:`]],
    ['a parameter', 'rfc9440', ['Client-Cert', `:${base64}:;a=1`]],
    ['a string', 'rfc9440', ['Client-Cert', `"${base64}"`]],
    ['bare base64', 'rfc9440', ['Client-Cert', base64]],
    ['base64 for URLs', 'rfc9440', ['Client-Cert', `:${leaf.raw.toString('base64url')}_:`]],
    ['a chain without leaf', 'rfc9440', ['Client-Cert-Chain', `:${base64}:`]],
    ['a chain that ends with a comma', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert-Chain', `:${middleBase64}:,`]],
    ['a broken chain', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert-Chain', ':AAAA:']],
    ['a chain under an underscore', 'rfc9440', ['Client-Cert', `:${base64}:`, 'Client-Cert_Chain', `:${middleBase64}:`]],
    ['an empty header', 'rfc9440', ['Client-Cert', '']],
  ];
  for (const [what, dialect, headers] of refused) {
    it(`refuses ${what} as ${dialect}`, () => {
      const reading = readCertificateHeader(headers, dialect);
      assert.equal(reading.kind, 'refused');
      // The operator reads it in a log: nothing of what was sent stands in it.
      if (reading.kind === 'refused') assert.match(reading.explanation, /^[\w "(),-]{10,120}$/);
    });
  }

  it('refuses what is longer than any honest header, and what is nearly as long without long thought', () => {
    const started = process.cpuUsage();
    for (const dialect of accepted) {
      const [name = ''] = acceptedHeaderNames[dialect];
      for (const filler of [
        '\\',
        '"\\"',
        'A=b;',
        '%41',
        ':AA:,',
        'AAAA,',
        'a="',
        '%2D%2D%2D%2D%2DBEGIN%20CERTIFICATE%2D%2D%2D%2D%2D%0AA',
      ]) {
        for (const length of [65_000, 70_000, 1_000_000])
          assert.equal(readCertificateHeader([name, filler.repeat(length / filler.length)], dialect).kind, 'refused');
      }
    }
    assert.ok(process.cpuUsage(started).user < 2_000_000);
  });

  it('survives every damage, and never finds a certificate that is cut short', () => {
    const random = createRandom('damaged headers');
    for (const dialect of accepted) {
      const [name = '', value = ''] = written(dialect, leaf, true);
      for (let turn = 0; turn < 300; turn += 1) {
        const at = random.below(value.length);
        const piece = random.pick(['', '"', '\\', ';', ',', '=', '%', ':', ' ', 'A', '%0A', `;Cert=${victimPem}`]);
        const reading = readCertificateHeader([name, `${value.slice(0, at)}${piece}${value.slice(at + random.below(3))}`], dialect);
        if (reading.kind === 'presented') assert.equal(reading.leaf.raw.length, leaf.raw.length);
      }
    }
  });

  it('gives the same object for the same text while it is remembered', () => {
    const headers = ['ssl-client-cert', pem];
    const first = readCertificateHeader(headers, 'nginx');
    assert.equal(readCertificateHeader([...headers, 'accept', '*/*'], 'nginx'), first);
    assert.notEqual(readCertificateHeader([...headers, 'ssl-client-verify', 'SUCCESS'], 'nginx'), first);
  });

  it('remembers a bounded number of texts, the latest used of them', () => {
    const [oldest, used] = [readingOf(0), readingOf(1)];
    for (let turn = 2; turn < 1000; turn += 1) readingOf(turn);
    assert.equal(readingOf(1), used);
    readingOf(1000);
    assert.notEqual(readingOf(0), oldest);
    assert.equal(readingOf(1), used);
  });
});

function readingOf(turn: number): unknown {
  return readCertificateHeader(xfcc(`Cert=${pem};DNS=${turn}`), 'xfcc');
}

function read(dialect: AcceptedDialect, headers: readonly string[]): unknown {
  const reading = readCertificateHeader(headers, dialect);
  if (reading.kind === 'none') return 'none';
  return reading.kind === 'refused' ? reading.explanation : prints([reading.leaf, ...reading.chain]);
}

function prints(certificates: readonly X509Certificate[]): readonly string[] {
  return certificates.map(({ fingerprint256 }) => fingerprint256);
}

function written(dialect: CertificateDialect, certificate: X509Certificate, chain: boolean): readonly string[] {
  const headers = writeCertificateHeaders([{ dialect, chain, maxBytes: 100_000 }], { leaf: certificate, chain: [middle] });
  return 'tooLarge' in headers ? assert.fail(headers.tooLarge) : headers;
}

function xfcc(value: string): readonly string[] {
  return ['X-Forwarded-Client-Cert', value];
}

function traefik(value: string): readonly string[] {
  return ['X-Forwarded-Tls-Client-Cert', value];
}

function pemOf(text: string): string {
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}
