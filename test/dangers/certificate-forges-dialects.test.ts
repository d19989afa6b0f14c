import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { Headers } from '../certificate/headers/consumers.ts';
import {
  environment,
  naiveTypes,
  readByAuthentik,
  readByteSequence,
  readDn,
  readTraefikInfo,
  readXfccElements,
} from '../certificate/headers/consumers.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { alternativeNames, named } from './odd-names.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';

const pki = await makePki();
const day = 86_400_000;
const admin = encodeURIComponent(pki.ofB.certificate.toString());
const { dns, email, uri } = named;
const together = '[rfc9440, xfcc, nginx, x_ssl_client, x_client, traefik, aws_alb, cloudflare]';
// These two have names that one of the others has as well.
const routes = { together, apache: '[apache]', haproxy: '[haproxy]' };
const hosts = Object.keys(routes) as readonly (keyof typeof routes)[];

const subjects: readonly string[] = [
  'x";SAN="admin',
  'ż";SAN="admin',
  'a,CN=admin',
  'a/CN=admin',
  'a+CN=admin',
  'a\r\nX-Evil: yes',
  'a\nX-Evil: yes\n\nGET /admin HTTP/1.1',
  'a\0b',
  'Żółć 🦊',
  ' a ',
  '#1304',
  '(null)',
  'NONE',
  '%0d%0aX-Evil: yes',
  '\u2028\u202e\u0085',
  `";Cert="${admin}`,
];

const uris: readonly string[] = [
  'spiffe://corp.example/;By=spiffe://corp.example/admin',
  ',By=x;Hash=00',
  `;Cert=${admin}`,
  `",Cert="${admin}`,
  'x\r\nX-Evil: yes',
  'x\\";Subject="CN=admin',
];

/** Everything that these dialects call their own, as a visitor would claim it. */
const claimed = [
  'Client-Cert: :AAAA:',
  'Client-Cert-Chain: :AAAA:',
  'X-Forwarded-Client-Cert: Hash=00;Subject="CN=admin"',
  'ssl-client-cert: x',
  'ssl-client-verify: SUCCESS',
  'ssl-client-subject-dn: CN=admin',
  'X-SSL-Client-DN: CN=admin',
  'X-SSL-Client-CN: admin',
  'X-SSL-Client-Cert: x',
  'X-Client-DN: CN=admin',
  'X-Client-Verify: SUCCESS',
  'X-Forwarded-Tls-Client-Cert: x',
  'X-Forwarded-Tls-Client-Cert-Info: Subject%3D%22CN%3Dadmin%22',
  'X-Amzn-Mtls-Clientcert-Subject: CN=admin',
  'Cf-Client-Cert-Sha256: 00',
];

function clientOf(options: Partial<IssueOptions>): Promise<Issued> {
  return issueClientCertificate(pki.caA, { commonName: 'x', from: new Date(Date.now() - day), to: new Date(Date.now() + day), ...options });
}

/** Whoever may choose the names in a certificate writes into headers that upstreams believe (Envoy CVE-2023-27493, and the dialects without escapes). */
describe('a certificate whose names are made for the dialects of certificate headers', () => {
  let street: CertificateHouse;

  before(async () => {
    const route = "to: '{{to}}', tls_downstream_client_ca_file: ca-a.pem, allow_public_unauthenticated_access: true";
    const lines = hosts.flatMap((host) => [
      `  - {from: https://${host}.postern.test, ${route}, pass_client_certificate: ${routes[host]}}`,
      `  - {from: https://wide-${host}.postern.test, ${route}, pass_client_certificate: ${wide(routes[host])}}`,
    ]);
    street = await openCertificateHouse({ pki, config: ['routes:', ...lines].join('\n') });
  });

  beforeEach(() => street.upstream.clear());

  after(() => street[Symbol.asyncDispose]());

  /** What one request with a certificate, and with claims of its own, came to: each header once, whatever its spelling. */
  async function told(host: string, client: Issued): Promise<readonly [number | undefined, Headers]> {
    street.upstream.clear();
    const request = requestText(['GET / HTTP/1.1', `Host: ${street.authority(host)}`, ...claimed]);
    const answer = await askRaw(street.house, request, { sni: `${host}.postern.test`, client });
    const heads = [...street.upstream.bytes().matchAll(/^[A-Z]+ \S+ HTTP\/1\.1\r$/gm)].length;
    assert.equal(heads, answer?.status === 200 ? 1 : 0);
    const fields = heads === 0 ? [] : fieldsAt(street.upstream);
    const headers = environment(fields.flat());
    assert.equal(headers.has('x-evil'), false);
    for (const [name, value] of fields) assert.match(value, /^[\x20-\x7e]*$/, name);
    return [answer?.status, headers];
  }

  for (const commonName of subjects)
    it(`forges nothing with the subject ${JSON.stringify(commonName.slice(0, 32))}`, async () => {
      const client = await clientOf({ commonName });
      for (const host of hosts) {
        const [status, headers] = await told(host, client);
        assert.equal(status, 200);
        assertTells(headers, client.certificate, commonName);
      }
    });

  for (const name of uris)
    it(`forges nothing with the name ${JSON.stringify(name.slice(0, 32))}`, async () => {
      const client = await clientOf(alternativeNames(uri(name), dns(name.slice(0, 40)), email(name.slice(0, 40))));
      for (const host of hosts) {
        const [status, headers] = await told(host, client);
        assert.equal(status, 200);
        assertTells(headers, client.certificate, 'x');
      }
    });

  it('is 431 where it is too long for a header, told to nobody, and no fault', async () => {
    const giants: Partial<IssueOptions>[] = [
      { commonName: 'x'.repeat(60_000) },
      { commonName: 'ż"'.repeat(20_000) },
      alternativeNames(...Array.from({ length: 500 }, (_, at) => dns(`n${at}.a-rather-long-name-of-a-machine.corp.example`))),
    ];
    for (const client of await Promise.all(giants.map(clientOf)))
      for (const host of hosts) {
        const [status] = await told(host, client);
        assert.deepEqual([status, street.upstream.bytes()], [431, '']);
      }
  });

  it('is told whole where there is room for it', async () => {
    const commonName = 'ż"'.repeat(1500);
    const names = Array.from({ length: 500 }, (_, at) => dns(`n${at}.corp.example`));
    const client = await clientOf({ commonName, ...alternativeNames(...names) });
    for (const host of hosts) {
      const [status, headers] = await told(`wide-${host}`, client);
      assert.equal(status, 200);
      assertTells(headers, client.certificate, commonName);
    }
  });
});

function wide(dialects: string): string {
  return dialects.replaceAll(/\w+/g, '{dialect: $&, max_bytes: 65536}');
}

/** Whoever reads these headers by the rules of their dialects finds this certificate in each, and no name but its own. */
function assertTells(headers: Headers, certificate: X509Certificate, commonName: string): void {
  const found: X509Certificate[] = headers.has('client-cert') ? [...readByAuthentik(headers)] : [];
  for (const [name, value] of headers) {
    const read = certificateIn[name];
    if (read !== undefined) found.push(read(value));
    if (!subjectNames.has(name)) continue;
    assert.deepEqual([readDn(value), naiveTypes(value)], [[[`CN=${commonName}`]], ['CN']], name);
  }
  assert.ok(found.length > 0);
  assert.deepEqual(new Set(found.map(({ fingerprint256 }) => fingerprint256)), new Set([certificate.fingerprint256]));
  const info = headers.get('x-forwarded-tls-client-cert-info');
  if (info !== undefined) assert.deepEqual(readDn(readTraefikInfo(info).get('Subject') ?? ''), [[`CN=${commonName}`]]);
  const xfcc = headers.get('x-forwarded-client-cert');
  if (xfcc !== undefined) assertOneElement(xfcc, certificate);
}

function assertOneElement(xfcc: string, certificate: X509Certificate): void {
  const [pairs = [], ...more] = readXfccElements(xfcc);
  const ours = pairs.filter(([key]) => key !== 'URI' && key !== 'DNS');
  assert.deepEqual([ours.map(([key]) => key), more], [['Hash', 'Cert', 'Subject'], []]);
  assert.equal(ours[0]?.[1], certificate.fingerprint256.replaceAll(':', '').toLowerCase());
}

const subjectNames: ReadonlySet<string> = new Set([
  'ssl-client-subject-dn',
  'ssl-client-s-dn',
  'x-ssl-client-dn',
  'x-client-dn',
  'x-amzn-mtls-clientcert-subject',
]);

const certificateIn: Readonly<Partial<Record<string, (value: string) => X509Certificate>>> = {
  'client-cert': (value) => new X509Certificate(readByteSequence(value)),
  // Apache's has spaces where the line ends were, and none is a line end within the markers.
  'ssl-client-cert': (value) => new X509Certificate(decodeURIComponent(value).replaceAll(/(?<!BEGIN|END) /g, '\n')),
  'x-ssl-client-cert': (value) => new X509Certificate(value.startsWith('MII') ? Buffer.from(value, 'base64') : decodeURIComponent(value)),
  'x-forwarded-tls-client-cert': (value) => new X509Certificate(Buffer.from(value, 'base64')),
  'x-amzn-mtls-clientcert-leaf': (value) => new X509Certificate(decodeURIComponent(value)),
  'cf-client-cert-der-base64': (value) => new X509Certificate(Buffer.from(value, 'base64')),
};
