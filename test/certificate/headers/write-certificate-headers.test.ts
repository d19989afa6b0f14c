import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import type { CertificateDialect, PassedCertificate } from '../../../src/config/certificate-header-settings.ts';
import { certificateDialects } from '../../../src/config/choices.ts';
import { isFieldName } from '../../../src/http/header-list.ts';
import { writeCertificateHeaders } from '../../../src/certificate/headers/write-certificate-headers.ts';
import type { Headers } from './consumers.ts';
import {
  environment,
  naiveTypes,
  readByAuthentik,
  readByteSequence,
  readByteSequences,
  readDn,
  readTraefikInfo,
  readXfccElements,
} from './consumers.ts';
import type { HostileCertificate } from './hostile-certificates.ts';
import { certificateNamed, described, hostileCertificates, latin1Name, victim } from './hostile-certificates.ts';
import { rawCertificate, someIssuer, utf8 } from './raw-certificate.ts';

const hostile: readonly HostileCertificate[] = [
  certificateNamed('alice', [latin1Name('dns', 'alice.corp.example'), latin1Name('uri', 'spiffe://corp.example/alice')]),
  certificateNamed('ż";SAN="admin'),
  certificateNamed('a,CN=admin'),
  certificateNamed('a/CN=admin'),
  certificateNamed('a\r\nX-Pomerium-Claim-Email: admin'),
  certificateNamed('a\0b'),
  certificateNamed('😀'),
  certificateNamed(' alice '),
  certificateNamed(''),
  certificateNamed('alice', [latin1Name('uri', 'spiffe://corp.example/;By=spiffe://corp.example/admin')]),
  certificateNamed('alice', [latin1Name('uri', `x;Cert=${encodeURIComponent(victim.toString())}`)]),
  certificateNamed(
    'alice',
    Array.from({ length: 500 }, (_, index) => latin1Name('dns', `host-${index}.corp.example`)),
  ),
  certificateNamed('x'.repeat(60_000)),
  described('an empty subject', { subject: [], alternativeNames: [latin1Name('email', 'alice@corp.example')] }),
  described('two common names', { subject: [[utf8('2.5.4.3', 'alice')], [utf8('2.5.4.3', 'admin')]], alternativeNames: [] }),
  ...hostileCertificates('write', 250),
];

/** Whatever stands in a certificate, whoever reads the headers by the rules of their dialect finds what stands in the certificate. */
describe('writeCertificateHeaders()', () => {
  it('writes printable ASCII alone, each name once', () => {
    for (const subject of hostile) {
      for (const dialect of certificateDialects) {
        const headers = written(subject, { dialect });
        for (let index = 0; index < headers.length; index += 2) {
          assert.ok(isFieldName(headers[index] ?? ''), subject.what);
          assert.match(headers[index + 1] ?? '', /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/, `${dialect}: ${subject.what}`);
        }
        environment(headers);
      }
    }
  });

  const certificateOf: Readonly<Partial<Record<CertificateDialect, (headers: Headers) => X509Certificate>>> = {
    rfc9440: (headers) => new X509Certificate(readByteSequence(field(headers, 'client-cert'))),
    nginx: (headers) => new X509Certificate(decodeURIComponent(field(headers, 'ssl-client-cert'))),
    x_ssl_client: (headers) => new X509Certificate(decodeURIComponent(field(headers, 'x-ssl-client-cert'))),
    traefik: (headers) => new X509Certificate(Buffer.from(field(headers, 'x-forwarded-tls-client-cert'), 'base64')),
    aws_alb: (headers) => new X509Certificate(decodeURIComponent(field(headers, 'x-amzn-mtls-clientcert-leaf'))),
    cloudflare: (headers) => new X509Certificate(Buffer.from(field(headers, 'cf-client-cert-der-base64'), 'base64')),
    // Of the two spaces that stand in the markers none is a line end.
    apache: (headers) => new X509Certificate(field(headers, 'ssl-client-cert').replaceAll(/(?<!BEGIN|END) /g, '\n')),
    haproxy: (headers) => new X509Certificate(Buffer.from(field(headers, 'x-ssl-client-cert'), 'base64')),
  };
  for (const dialect of certificateDialects) {
    const read = certificateOf[dialect];
    if (read === undefined) continue;
    it(`hands the certificate over as ${dialect}`, () => {
      for (const subject of hostile)
        assert.equal(read(environment(written(subject, { dialect }))).fingerprint256, subject.certificate.fingerprint256, subject.what);
    });
  }

  const namesIn: Readonly<Partial<Record<CertificateDialect, readonly [subject: string, issuer?: string]>>> = {
    nginx: ['ssl-client-subject-dn', 'ssl-client-issuer-dn'],
    x_ssl_client: ['x-ssl-client-dn', 'x-ssl-client-issuer'],
    x_client: ['x-client-dn'],
    aws_alb: ['x-amzn-mtls-clientcert-subject', 'x-amzn-mtls-clientcert-issuer'],
    apache: ['ssl-client-s-dn', 'ssl-client-i-dn'],
    haproxy: ['x-ssl-client-dn', 'x-ssl-issuer'],
  };
  for (const dialect of certificateDialects) {
    const [subjectHeader, issuerHeader] = namesIn[dialect] ?? [];
    if (subjectHeader === undefined) continue;
    it(`names subject and issuer as ${dialect}, for readers of RFC 4514 and for those who split at commas`, () => {
      for (const subject of hostile) {
        const headers = environment(written(subject, { dialect }));
        const dn = field(headers, subjectHeader);
        assert.deepEqual(readDn(dn), subject.subject, subject.what);
        assert.doesNotMatch(dn, /[";]/);
        assert.equal(naiveTypes(dn).length, subject.subject.length, subject.what);
        if (issuerHeader !== undefined)
          assert.deepEqual(readDn(field(headers, issuerHeader)), [['CN=Client CA'], ['O=Łódź; "Acme", = Co']]);
      }
    });
  }

  it('writes names with hex pairs for what is no printable ASCII and for separators', () => {
    const names = environment(written(certificateNamed('ż";SAN="admin'), { dialect: 'x_client' }));
    assert.equal(names.get('x-client-dn'), 'CN=\\C5\\BC\\22\\3BSAN\\3D\\22admin');
  });

  it('writes one XFCC element with the pairs of the certificate and no others', () => {
    for (const subject of hostile) {
      const { certificate } = subject;
      const value = field(environment(written(subject, { dialect: 'xfcc' })), 'x-forwarded-client-cert');
      const [pairs = [], ...more] = readXfccElements(value);
      assert.equal(more.length, 0, subject.what);
      const all = (wanted: string): readonly string[] => pairs.flatMap(([key, text]) => (key === wanted ? [text] : []));
      assert.deepEqual(all('Hash'), [createHash('sha256').update(certificate.raw).digest('hex')]);
      assert.deepEqual(
        all('Cert').map((pem) => new X509Certificate(decodeURIComponent(pem)).fingerprint256),
        [certificate.fingerprint256],
      );
      assert.deepEqual(all('Subject').map(readDn), [subject.subject], subject.what);
      assert.deepEqual(all('URI'), subject.names.uri.filter(fitsXfcc), subject.what);
      assert.deepEqual(all('DNS'), subject.names.dns.filter(fitsXfcc), subject.what);
      assert.deepEqual(all('Chain'), []);
      const keys = value.split(/[,;]/).map((pair) => pair.split('=')[0]?.trim());
      assert.equal(keys.filter((key) => key === 'Cert' || key === 'Hash' || key === 'Chain' || key === 'Subject').length, 3, subject.what);
    }
  });

  it('is read by authentik as the certificate of the visitor and of nobody else, in every dialect that it knows', () => {
    for (const subject of hostile) {
      const found = readByAuthentik(environment(written(subject, { dialect: 'xfcc' }, { dialect: 'nginx' }, { dialect: 'traefik' })));
      assert.deepEqual(
        new Set(found.map(({ fingerprint256 }) => fingerprint256)),
        new Set([subject.certificate.fingerprint256]),
        subject.what,
      );
      const [first] = readByAuthentik(environment(written(subject, { dialect: 'nginx' })));
      assert.equal(first?.fingerprint256, subject.certificate.fingerprint256);
    }
  });

  it("writes Traefik's fields where none can be forged, and none of them otherwise", () => {
    let told = 0;
    for (const subject of hostile) {
      const info = environment(written(subject, { dialect: 'traefik' })).get('x-forwarded-tls-client-cert-info');
      const expected = [...subject.names.dns, ...subject.names.email, ...subject.names.uri];
      assert.equal(
        info === undefined,
        expected.some((name) => /[^\x20-\x7e]|[",;]/.test(name)),
        subject.what,
      );
      if (info === undefined) continue;
      const fields = readTraefikInfo(info);
      assert.deepEqual(readDn(fields.get('Subject') ?? ''), subject.subject, subject.what);
      assert.deepEqual(readDn(fields.get('Issuer') ?? ''), [['CN=Client CA'], ['O=Łódź; "Acme", = Co']]);
      const names = fields.get('SAN')?.split(',') ?? [];
      assert.deepEqual(
        names.filter((name) => isIP(name) === 0),
        expected,
        subject.what,
      );
      told += 1;
    }
    assert.ok(told > 50, `${told}`);
  });

  it('gives HAProxy readers the one common name, and none where there are several', () => {
    for (const subject of hostile) {
      const name = environment(written(subject, { dialect: 'haproxy' })).get('x-ssl-client-cn');
      const expected = subject.commonNames.length === 1 ? subject.commonNames[0] : undefined;
      // What is no escape stands for itself.
      const decoded = name?.replace(/(?:%[0-9A-F]{2})+/g, (escapes) => decodeURIComponent(escapes));
      assert.equal(decoded, expected, subject.what);
    }
  });

  it('tells serial number, fingerprints and validity as each dialect has them', () => {
    const certificate = rawCertificate({ subject: [[utf8('2.5.4.3', 'alice')]], alternativeNames: [], serial: 0x03a5b1n });
    const headers = environment(
      listOf({ leaf: certificate, chain: [] }, { dialect: 'x_ssl_client' }, { dialect: 'aws_alb' }, { dialect: 'cloudflare' }),
    );
    const sha1 = createHash('sha1').update(certificate.raw).digest('hex');
    const picked = [
      'x-ssl-client-serial',
      'x-ssl-client-fingerprint',
      'x-amzn-mtls-clientcert-serial-number',
      'x-amzn-mtls-clientcert-validity',
      'cf-client-cert-sha256',
    ].map((name) => headers.get(name));
    assert.deepEqual(picked, [
      '03A5B1',
      sha1,
      '03A5B1',
      'NotBefore=2024-01-02T03:04:05Z;NotAfter=2044-01-02T03:04:05Z',
      createHash('sha256').update(certificate.raw).digest('hex'),
    ]);
    const others = environment(listOf({ leaf: certificate, chain: [] }, { dialect: 'apache' }, { dialect: 'haproxy' }));
    assert.deepEqual([others.get('ssl-client-m-serial'), others.get('x-ssl-client-sha1')], ['03A5B1', sha1.toUpperCase()]);
  });

  it('says without a certificate that there is none, or nothing', () => {
    const headers = writeCertificateHeaders(entries(certificateDialects.map((dialect) => ({ dialect }))), undefined);
    assert.deepEqual(headers, [
      'ssl-client-verify',
      'NONE',
      'X-SSL-Client-Verify',
      'NONE',
      'X-Client-Verify',
      'NONE',
      'SSL_CLIENT_VERIFY',
      'NONE',
    ]);
  });

  it('writes the names of the table, in its order whatever the order of the entries', () => {
    const subject = certificateNamed('alice', [latin1Name('dns', 'a.corp.example')]);
    const headers = written(subject, ...certificateDialects.toReversed().map((dialect) => ({ dialect })));
    assert.deepEqual(
      headers.filter((_, index) => index % 2 === 0),
      [
        'Client-Cert',
        'X-Forwarded-Client-Cert',
        'ssl-client-cert',
        'ssl-client-verify',
        'ssl-client-subject-dn',
        'ssl-client-issuer-dn',
        'X-SSL-Client-Cert',
        'X-SSL-Client-Verify',
        'X-SSL-Client-DN',
        'X-SSL-Client-Issuer',
        'X-SSL-Client-Serial',
        'X-SSL-Client-Fingerprint',
        'X-Client-DN',
        'X-Client-Verify',
        'X-Forwarded-Tls-Client-Cert',
        'X-Forwarded-Tls-Client-Cert-Info',
        'X-Amzn-Mtls-Clientcert-Leaf',
        'X-Amzn-Mtls-Clientcert-Subject',
        'X-Amzn-Mtls-Clientcert-Issuer',
        'X-Amzn-Mtls-Clientcert-Serial-Number',
        'X-Amzn-Mtls-Clientcert-Validity',
        'Cf-Client-Cert-Der-Base64',
        'Cf-Client-Cert-Sha256',
        'SSL_CLIENT_VERIFY',
        'SSL_CLIENT_CERT',
        'SSL_CLIENT_S_DN',
        'SSL_CLIENT_I_DN',
        'SSL_CLIENT_M_SERIAL',
        'X-SSL-Client-Cert',
        'X-SSL-Client-Verify',
        'X-SSL-Client-SHA1',
        'X-SSL-Client-DN',
        'X-SSL-Client-CN',
        'X-SSL-Issuer',
      ],
    );
  });

  it('names the header that is larger than its entry allows', () => {
    const giant = certificateNamed('x'.repeat(60_000));
    const tooLarge = (dialect: CertificateDialect, maxBytes: number): unknown =>
      writeCertificateHeaders([{ dialect, chain: false, maxBytes }], { leaf: giant.certificate, chain: [] });
    assert.deepEqual(tooLarge('x_client', 8192), { tooLarge: 'X-Client-DN' });
    assert.deepEqual(tooLarge('rfc9440', 8192), { tooLarge: 'Client-Cert' });
    const exact = 'X-Client-DN'.length + 'CN='.length + 60_000;
    assert.deepEqual(tooLarge('x_client', exact - 1), { tooLarge: 'X-Client-DN' });
    assert.equal(Array.isArray(tooLarge('x_client', exact)), true);
  });

  it('gives the same list again for the same certificate and the same settings', () => {
    const shown = { leaf: certificateNamed('alice').certificate, chain: [] };
    const passed = entries([{ dialect: 'nginx' }]);
    assert.equal(writeCertificateHeaders(passed, shown), writeCertificateHeaders(passed, shown));
    assert.notEqual(writeCertificateHeaders(passed, shown), writeCertificateHeaders(entries([{ dialect: 'nginx' }]), shown));
    assert.notEqual(writeCertificateHeaders(passed, shown), writeCertificateHeaders(passed, undefined));
  });
});

describe('the chain in certificate headers', () => {
  const rootName = someIssuer.subject;
  const middleName = [[utf8('2.5.4.3', 'Issuing CA')]];
  const root = rawCertificate({ subject: rootName, alternativeNames: [] }, someIssuer, true);
  const middle = rawCertificate({ subject: middleName, alternativeNames: [] }, someIssuer, true);
  const leaf = rawCertificate({ subject: [[utf8('2.5.4.3', 'alice')]], alternativeNames: [] }, { ...someIssuer, subject: middleName });
  // In no order, with the root, the leaf itself, and a stranger who would like to be taken along.
  const shown = { leaf, chain: [victim, root, leaf, middle] };

  it('is a list without the leaf as RFC 9440', () => {
    const headers = environment(listOf(shown, { dialect: 'rfc9440', chain: true }));
    assert.deepEqual(readByteSequences(field(headers, 'client-cert-chain')), [middle.raw]);
  });

  it('is absent as RFC 9440 where nothing leads up from the leaf, or it was not asked for', () => {
    assert.equal(environment(listOf({ leaf, chain: [victim, root] }, { dialect: 'rfc9440', chain: true })).has('client-cert-chain'), false);
    assert.equal(environment(listOf(shown, { dialect: 'rfc9440' })).has('client-cert-chain'), false);
  });

  it('begins with the leaf as XFCC', () => {
    const headers = environment(listOf(shown, { dialect: 'xfcc', chain: true }));
    const [pairs = []] = readXfccElements(field(headers, 'x-forwarded-client-cert'));
    assert.deepEqual(
      pairs.map(([key]) => key),
      ['Hash', 'Cert', 'Chain', 'Subject'],
    );
    assert.equal(decodeURIComponent(pairs[2]?.[1] ?? ''), `${leaf.toString()}${middle.toString()}`);
  });

  it('begins with the leaf as Traefik has it', () => {
    const headers = environment(listOf(shown, { dialect: 'traefik', chain: true }));
    assert.equal(field(headers, 'x-forwarded-tls-client-cert'), `${leaf.raw.toString('base64')},${middle.raw.toString('base64')}`);
  });

  it('changes nothing where a dialect has no place for it', () => {
    const placeless = certificateDialects.filter((dialect) => !['rfc9440', 'xfcc', 'traefik'].includes(dialect));
    for (const dialect of placeless) assert.deepEqual(listOf(shown, { dialect, chain: true }), listOf(shown, { dialect }));
  });
});

type Entry = Pick<PassedCertificate, 'dialect'> & Partial<PassedCertificate>;

function entries(from: readonly Entry[]): readonly PassedCertificate[] {
  return from.map((entry) => ({ chain: false, maxBytes: 1_000_000, ...entry }));
}

function written({ certificate }: HostileCertificate, ...from: readonly Entry[]): readonly string[] {
  return listOf({ leaf: certificate, chain: [] }, ...from);
}

function listOf(shown: Parameters<typeof writeCertificateHeaders>[1], ...from: readonly Entry[]): readonly string[] {
  const headers = writeCertificateHeaders(entries(from), shown);
  if ('tooLarge' in headers) assert.fail(`${headers.tooLarge} is too large`);
  return headers;
}

function field(headers: Headers, name: string): string {
  return headers.get(name) ?? assert.fail(`no ${name}`);
}

/** Printable ASCII without a pair of its own for readers who split at every separator. */
function fitsXfcc(name: string): boolean {
  const splits = name.split(/[,;]/).slice(1);
  const keys = new Set(['hash', 'cert', 'chain', 'subject', 'uri', 'dns']);
  return (
    /^[\x20-\x7e]*$/.test(name) && !splits.some((part) => part.includes('=') && keys.has(part.split('=')[0]?.trim().toLowerCase() ?? ''))
  );
}
