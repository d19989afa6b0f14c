import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { environment, readByAuthentik, readByteSequences, readXfccElements } from '../certificate/headers/consumers.ts';
import { explained } from '../dangers/explained.ts';
import type { Http2Upstream } from '../upstream/http2-upstream.ts';
import { openHttp2Upstream } from '../upstream/http2-upstream.ts';
import type { Answer, AskOptions, House } from './house.ts';
import { ask, openHouse } from './house.ts';
import { makePki } from './pki.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';

const day = 86_400_000;
const pki = await makePki();
const during = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
const middle = await issueIntermediate(pki.caA, { commonName: 'Issuing CA', ...during });
const ofMiddle = await issueClientCertificate(middle, { commonName: 'alice', ...during });
const forger = await issueClientCertificate(pki.caA, {
  commonName: 'ż";SAN="admin',
  uris: ['spiffe://corp.example/;By=spiffe://corp.example/admin'],
  ...during,
});
const giant = await issueClientCertificate(pki.caA, { commonName: 'x'.repeat(10_000), ...during });
const withChain: Pick<Issued, 'certificatePem' | 'keyPem'> = {
  certificatePem: `${ofMiddle.certificatePem}${middle.certificatePem}`,
  keyPem: ofMiddle.keyPem,
};

const most = '[rfc9440, xfcc, nginx, x_ssl_client, x_client, traefik, aws_alb, cloudflare]';

describe('certificate headers to an upstream', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let upstream2: Http2Upstream;

  before(async () => {
    echo = await openEcho();
    upstream2 = await openHttp2Upstream((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const open = `to: ${echo.url}, allow_public_unauthenticated_access: true`;
    house = await openHouse({
      pki,
      config: `
headers_with_underscores_action: allow
downstream_mtls: {ca_file: ca-a.pem, enforcement: policy, max_verify_depth: 3}
pass_client_certificate: ${most}
routes:
  - {from: https://most.postern.test, ${open}}
  - {from: https://apache.postern.test, ${open}, pass_client_certificate: [apache]}
  - {from: https://apache2.postern.test, to: '${upstream2.url.href}', allow_public_unauthenticated_access: true, pass_client_certificate: [apache]}
  - {from: https://haproxy.postern.test, ${open}, pass_client_certificate: [haproxy]}
  - {from: https://none.postern.test, ${open}, pass_client_certificate: []}
  - {from: https://wide.postern.test, ${open}, pass_client_certificate: [{dialect: x_client, max_bytes: 65536}]}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
    await upstream2[Symbol.asyncDispose]();
  });

  async function told(host: string, options: AskOptions = {}): Promise<ReadonlyMap<string, string>> {
    const answer = await ask(house, `https://${host}.postern.test/`, options);
    assert.equal(answer.status, 200, answer.body);
    return environment((JSON.parse(answer.body) as Seen).rawHeaders);
  }

  it('hold the certificate that was sent, whatever it says of itself', async () => {
    const headers = await told('most', { client: forger });
    const expected = forger.certificate.fingerprint256;
    assert.equal(new X509Certificate(decodeURIComponent(headers.get('ssl-client-cert') ?? '')).fingerprint256, expected);
    assert.deepEqual(new Set(readByAuthentik(headers).map(({ fingerprint256 }) => fingerprint256)), new Set([expected]));
    const [pairs = [], ...more] = readXfccElements(headers.get('x-forwarded-client-cert') ?? '');
    assert.deepEqual(more, []);
    assert.deepEqual(
      pairs.map(([key, value]) => (key === 'URI' ? value : key)),
      ['Hash', 'Cert', 'Subject', 'spiffe://corp.example/;By=spiffe://corp.example/admin'],
    );
    assert.equal(headers.get('x-client-dn'), 'CN=\\C5\\BC\\22\\3BSAN\\3D\\22admin');
    assert.equal(headers.has('x-forwarded-tls-client-cert-info'), false);
  });

  it('hold the further certificates where the dialect has them by default, and the root nowhere', async () => {
    const chain = (await told('most', { client: withChain })).get('client-cert-chain') ?? '';
    assert.deepEqual(readByteSequences(chain), [middle.certificate.raw]);
    assert.equal((await told('most', { client: pki.alice })).has('client-cert-chain'), false);
  });

  const claimed = {
    'Client-Cert': ':AAAA:',
    'X-Forwarded-Client-Cert': 'Hash=00',
    'SSL-Client-Verify': 'SUCCESS',
    SSL_CLIENT_VERIFY: 'SUCCESS',
    SSL_Client_Cert: 'x',
    'X-SSL-Client-Verify': '0',
    X_SSL_Client_DN: 'CN=admin',
    'X-Client-Verify': 'SUCCESS',
    'X-Forwarded-Tls-Client-Cert-Info': 'Subject%3D%22CN%3Dadmin%22',
    'X-Amzn-Mtls-Clientcert-Leaf': 'x',
    'Cf-Client-Cert-Sha256': '00',
  };
  async function toldOfCertificates(host: string, client: Issued | undefined): Promise<Readonly<Record<string, string>>> {
    const headers = await told(host, { client, headers: claimed });
    return onlyAboutCertificates(headers);
  }

  it('say without a valid certificate that there is none, whatever the client claims', async () => {
    const none = { 'ssl-client-verify': 'NONE', 'x-ssl-client-verify': 'NONE', 'x-client-verify': 'NONE' };
    assert.deepEqual(await toldOfCertificates('most', undefined), none);
    assert.deepEqual(await toldOfCertificates('most', pki.ofB), none);
    assert.deepEqual(await toldOfCertificates('apache', pki.ofSameName), { 'ssl-client-verify': 'NONE' });
    assert.deepEqual(await toldOfCertificates('haproxy', undefined), {});
    assert.deepEqual(await toldOfCertificates('none', pki.alice), {});
  });

  it('are the only ones of their names beside what the client claims', async () => {
    assert.equal((await toldOfCertificates('haproxy', pki.alice))['x-ssl-client-verify'], '0');
    assert.equal((await toldOfCertificates('most', pki.alice))['x-client-dn'], 'CN=alice');
  });

  it('have underscores in their names where the dialect has them, over HTTP/1.1 and HTTP/2', async () => {
    const answer = await ask(house, 'https://apache.postern.test/', { client: pki.alice });
    const { rawHeaders } = JSON.parse(answer.body) as Seen;
    const names = ['SSL_CLIENT_VERIFY', 'SSL_CLIENT_CERT', 'SSL_CLIENT_S_DN', 'SSL_CLIENT_I_DN', 'SSL_CLIENT_M_SERIAL'];
    assert.deepEqual(
      rawHeaders.filter((name) => name.startsWith('SSL_CLIENT')),
      names,
    );
    assert.equal((await ask(house, 'https://apache2.postern.test/', { client: pki.alice })).status, 200);
    const seen = upstream2.seen.at(-1) ?? {};
    assert.deepEqual(
      names.map((name) => typeof seen[name.toLowerCase()]),
      names.map(() => 'string'),
    );
    assert.equal(seen['ssl_client_s_dn'], 'CN=alice');
  });

  it('are too large for a giant name, which is 431 and nothing worse', async () => {
    assert.equal((await ask(house, 'https://most.postern.test/', { client: giant })).status, 431);
    await house.logLine(({ reasons }) => String(reasons) === 'client-certificate-too-large');
    assert.equal((await told('wide', { client: giant })).get('x-client-dn'), `CN=${'x'.repeat(10_000)}`);
    assert.equal((await ask(house, 'https://none.postern.test/', { client: giant })).status, 200);
  });

  it('are told by explain as they are sent', async () => {
    const file = join(house.directory, 'alice.pem');
    await writeFile(file, pki.alice.certificatePem);
    const sent = await told('most', { client: pki.alice });
    const { upstream } = await explained(house, 'GET', 'https://most.postern.test/', '--client-cert', file);
    assert.deepEqual(onlyAboutCertificates(Object.entries(upstream?.headers ?? {})), onlyAboutCertificates(sent));
  });
});

describe('certificate headers from a proxy in front', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };

  before(async () => {
    echo = await openEcho();
    house = await openHouse({
      pki,
      config: `
accept_client_certificate: {dialect: nginx, from: [127.0.0.1]}
downstream_mtls: {ca_file: ca-a.pem}
pass_client_certificate: [x_client]
routes:
  - {from: https://app.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  function askAs(headers: AskOptions['headers'], client?: Issued): Promise<Answer> {
    return ask(house, 'https://app.postern.test/', { headers: headers ?? {}, client });
  }

  it('are judged as if the certificate had been presented', async () => {
    const good = await askAs({ 'ssl-client-cert': escaped(pki.alice), 'ssl-client-verify': 'SUCCESS' });
    assert.equal(good.status, 200);
    const { headers } = JSON.parse(good.body) as Seen;
    assert.deepEqual([headers['x-client-dn'], headers['ssl-client-cert']], ['CN=alice', undefined]);
    for (const bad of [pki.ofB, pki.ofSameName, pki.expired])
      assert.equal((await askAs({ 'ssl-client-cert': escaped(bad), 'ssl-client-verify': 'SUCCESS' })).status, 495);
  });

  it('alone speak, whatever certificate the proxy itself has', async () => {
    assert.equal((await askAs({}, pki.alice)).status, 495);
    assert.equal((await askAs({ 'ssl-client-verify': 'NONE' }, pki.alice)).status, 495);
    assert.equal((await askAs({ 'ssl-client-cert': escaped(pki.alice) }, pki.ofB)).status, 200);
  });

  it('are refused where they can be read in two ways', async () => {
    const doubtful: readonly AskOptions['headers'][] = [
      { 'ssl-client-cert': [escaped(pki.alice), escaped(pki.alice)] },
      { 'ssl-client-cert': `${escaped(pki.alice)}x` },
      { 'ssl-client-cert': escaped(pki.alice), 'ssl-client-verify': 'NONE' },
      { 'ssl-client-cert': '' },
    ];
    for (const headers of doubtful) {
      assert.equal((await askAs(headers)).status, 400);
      await house.logLine(({ status, reasons }) => status === 400 && String(reasons) === 'client-certificate-header');
    }
  });

  it('of another dialect say nothing', async () => {
    const sequence = `:${pki.alice.certificate.raw.toString('base64')}:`;
    assert.equal((await askAs({ 'client-cert': sequence })).status, 495);
  });
});

const aboutCertificates = /^(?:client-cert|x-forwarded-(?:tls-)?client|ssl-client|x-ssl|x-client|x-amzn|cf-client)/;

function onlyAboutCertificates(headers: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => aboutCertificates.test(name)));
}

function escaped({ certificate }: Issued): string {
  return encodeURIComponent(certificate.toString());
}
