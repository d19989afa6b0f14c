import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { issueAuthority, issueClientCertificate } from '../src/certificate/issue-certificate.ts';
import type { LoggedRequest } from '../src/compile-log-fields.ts';
import { compileLogFields } from '../src/compile-log-fields.ts';
import type { HeaderList } from '../src/http/header-list.ts';
import type { LogValue } from '../src/observe/request-record.ts';
import { inboundOf } from './upstream/example-request.ts';

const { connection } = inboundOf();

function read(
  logFields: readonly string[],
  given: Partial<LoggedRequest> = {},
  trustedHops = 0,
): Readonly<Record<string, LogValue>> | undefined {
  const reader = compileLogFields({ logFields, forwardedFor: { append: true, trustedHops } });
  return reader?.({ headers: [], query: '', connection, bytesSent: 7, ...given });
}

describe('compileLogFields()', () => {
  it('has nothing to read where nothing was asked for', () => {
    assert.equal(compileLogFields({ logFields: [], forwardedFor: { append: true, trustedHops: 0 } }), undefined);
    assert.equal(read(['unknown']), undefined);
  });

  it('reads every field that can be asked for, null where there is nothing', () => {
    const fields = ['user-agent', 'referer', 'forwarded-for', 'query', 'size', 'client-certificate', 'headers.X-Team', 'headers.Accept'];
    const nothing = { user_agent: null, referer: null, forwarded_for: null, query: null, size: 7, client_certificate: null };
    assert.deepEqual(read(fields), { ...nothing, headers: { 'X-Team': null, Accept: null } });
    const headers = ['User-Agent', 'curl', 'Referer', 'https://a.example/b', 'X-Forwarded-For', '1.1.1.1', 'x-team', 'a', 'X-TEAM', 'b'];
    assert.deepEqual(read(fields.slice(0, 4).concat('headers.X-Team'), { headers, query: '?a=1&b' }), {
      user_agent: 'curl',
      referer: 'https://a.example/b',
      forwarded_for: '1.1.1.1',
      query: 'a=1&b',
      headers: { 'X-Team': 'a, b' },
    });
  });

  it('leaves out of a referer what may be secret', () => {
    const referers = ['https://a.example/cb?code=sesame', 'https://name:sesame@a.example/b#sesame', '//name:sesame@a.example/b', '/a@b'];
    assert.deepEqual(
      referers.map((referer) => read(['referer'], { headers: ['Referer', referer] })?.['referer']),
      ['https://a.example/cb', 'https://a.example/b', '//a.example/b', '/a@b'],
    );
  });

  it('leaves the values of parameters that sign somebody in out of a query, however they are spelt', () => {
    const query =
      '?page=2&code=sesame&c%6Fde=sesame&STATE=sesame&id_token=sesame&pomerium_signature=sesame&pomerium%5fx=sesame&%ff=sesame&=x&code';
    assert.equal(
      read(['query'], { query })?.['query'],
      [
        'page=2&code=[redacted]&c%6Fde=[redacted]&STATE=[redacted]&id_token=[redacted]&pomerium_signature=[redacted]',
        'pomerium%5fx=[redacted]&%ff=[redacted]&=x&code=[redacted]',
      ].join('&'),
    );
  });

  it('leaves out what makes a link or a call good for whoever has it', () => {
    const names = [
      'X-Amz-Signature',
      'X-Amz-Credential',
      'sig',
      'api_key',
      'apikey',
      'access-key',
      'key',
      'SAMLAssertion',
      'PHPSESSION',
      'otp',
    ];
    const query = `?${names.map((name) => `${name}=sesame`).join('&')}&keyboard=us&design=b&monkey=c`;
    assert.equal(
      read(['query'], { query })?.['query'],
      `${names.map((name) => `${name}=[redacted]`).join('&')}&keyboard=us&design=b&monkey=c`,
    );
  });

  it('never reads a credential, whatever its name is spelt like', () => {
    const names = [
      'Authorization',
      'cookie',
      'Set-Cookie',
      'X-Pomerium-Jwt-Assertion',
      'x_pomerium_claim_email',
      'Proxy_Authorization',
      'X-Api-Token',
      'X-Api-Key',
    ];
    const headers = names.flatMap((name) => [name, 'sesame']);
    const found = read(
      names.map((name) => `headers.${name}`),
      { headers },
    );
    assert.deepEqual(found, { headers: Object.fromEntries(names.map((name) => [name, '[redacted]'])) });
  });

  it('describes the certificate that was presented, valid or not', async () => {
    const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2021-01-01T00:00:00Z') };
    const ca = await issueAuthority({ commonName: 'CA', ...validity });
    const { certificatePem } = await issueClientCertificate(ca, {
      commonName: 'alice',
      emails: ['alice@example.com'],
      dnsNames: ['a.example'],
      uris: ['spiffe://a/b'],
      ipAddresses: ['10.0.0.1', 'fd00::1'],
      principalNames: ['alice@corp'],
      serial: '0a1b',
      ...validity,
    });
    const leaf = new X509Certificate(certificatePem);
    const presented = { ...connection, certificate: { kind: 'presented', leaf, chain: [], tlsVerdict: undefined } } as const;
    const fields = read(['client-certificate'], { connection: presented })?.['client_certificate'] as { readonly sans: readonly string[] };
    assert.deepEqual(
      { ...fields, sans: fields.sans.toSorted() },
      {
        subject: 'CN=alice',
        issuer: 'CN=CA',
        serial: '0A1B',
        not_before: '2020-01-01T00:00:00.000Z',
        not_after: '2021-01-01T00:00:00.000Z',
        sans: [
          'dns:a.example',
          'email:alice@example.com',
          'ip:10.0.0.1',
          'ip:fd00:0000:0000:0000:0000:0000:0000:0001',
          'upn:alice@corp',
          'uri:spiffe://a/b',
        ],
      },
    );
  });

  it('finds the address that the outermost believed proxy saw, and the peer where there is none', () => {
    assert.deepEqual(
      [
        ip(1, '6.6.6.6, 1.1.1.1'),
        ip(2, '6.6.6.6,1.1.1.1', '10.0.0.2'),
        ip(3, '1.1.1.1, 10.0.0.2'),
        ip(1),
        ip(1, 'unknown'),
        ip(1, '1.1.1.1,'),
        ip(1, 'fd00::1'),
        ip(1, 'FD00:0::1'),
        ip(1, '::ffff:1.1.1.1'),
      ],
      ['1.1.1.1', '1.1.1.1', '192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.7', 'fd00::1', 'fd00::1', '1.1.1.1'],
    );
  });
});

function ip(trustedHops: number, ...values: readonly string[]): LogValue | undefined {
  const headers: HeaderList = values.flatMap((value) => ['X-Forwarded-For', value]);
  return read([], { headers }, trustedHops)?.['client_ip'];
}
