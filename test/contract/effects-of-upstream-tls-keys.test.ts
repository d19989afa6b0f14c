import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { inline } from '../dangers/revocation-lists.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { Opened } from './open-at.ts';
import { openAt } from './open-at.ts';

/** Whom Postern believes behind it, under which name, and what it shows there. */
describe('TLS to the upstream', () => {
  let ca: Issued;
  let stranger: Issued;
  let proxy: Issued;
  let house: Opened;
  let pki: Pki;
  let port: number;
  const server: { close(): void; url: string } = { close() {}, url: '' };

  /** Names, then keys; `{{to}}` is an IP literal that the certificate does not hold. */
  const routes: readonly (readonly [name: string, keys: string])[] = [
    ['nobody', ''],
    ['file', 'tls_custom_ca_file: upstream-ca.pem, tls_server_name: inner.test'],
    ['inline', 'tls_custom_ca: "{{ca}}", tls_server_name: inner.test'],
    ['wins', 'tls_custom_ca: "{{ca}}", tls_server_name: wrong.test, tls_upstream_server_name: inner.test'],
    ['wrong-name', 'tls_custom_ca: "{{ca}}", tls_server_name: wrong.test'],
    ['wrong-ca', 'tls_custom_ca: "{{stranger}}", tls_server_name: inner.test'],
    ['address', 'tls_custom_ca: "{{ca}}"'],
    ['skip', 'tls_custom_ca: "{{stranger}}", tls_skip_verify: true'],
    [
      'client-file',
      'tls_custom_ca: "{{ca}}", tls_server_name: inner.test, tls_client_cert_file: proxy.pem, tls_client_key_file: proxy.key',
    ],
    ['client-inline', 'tls_custom_ca: "{{ca}}", tls_server_name: inner.test, tls_client_cert: "{{cert}}", tls_client_key: "{{key}}"'],
    ['host', 'tls_custom_ca: "{{ca}}", tls_server_name: inner.test, preserve_host_header: true'],
  ];

  before(async () => {
    const times = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
    ca = await issueAuthority({ commonName: 'Upstream CA', ...times });
    stranger = await issueAuthority({ commonName: 'Upstream CA', ...times });
    proxy = await issueClientCertificate(ca, { commonName: 'proxy', ...times });
    const own = await issueServerCertificate(ca, { commonName: 'inner', dnsNames: ['inner.test'], ...times });
    const tls = { cert: own.certificatePem, key: own.keyPem, ca: ca.certificatePem, requestCert: true, rejectUnauthorized: false };
    const upstream = createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
      const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket;
      const peer = socket.getPeerCertificate().subject as { CN?: string } | undefined;
      const told = [socket.servername, peer?.CN ?? 'nobody', request.headers.host ?? request.authority, request.httpVersion];
      response.end(told.map(String).join(' '));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    server.close = () => void upstream.close();
    server.url = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const values = { ca: ca.certificatePem, stranger: stranger.certificatePem, cert: proxy.certificatePem, key: proxy.keyPem };
    const lines = routes.map(
      ([name, keys]) =>
        `  - {from: https://${name}.postern.test, to: '${server.url}', allow_public_unauthenticated_access: true, ${keys}}\n`,
    );
    const config = `routes:\n${lines.join('')}`.replace(/\{\{(ca|stranger|cert|key)\}\}/g, (_, name: keyof typeof values) =>
      inline(values[name]),
    );
    const { server: front } = (pki = await makePki());
    port = await freePort();
    house = await openAt({
      config: `address: 127.0.0.1:${port}\nhealth_check_addr: 127.0.0.1:0\ncertificates: [{cert: server.pem, key: server.key}]\n${config}`,
      files: {
        'server.pem': front.certificatePem,
        'server.key': front.keyPem,
        'upstream-ca.pem': ca.certificatePem,
        'proxy.pem': proxy.certificatePem,
        'proxy.key': proxy.keyPem,
      },
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    server.close();
  });

  it('decides whether it is believed, and what it is shown', async () => {
    const answers: Record<string, string> = {};
    for (const [name] of routes) {
      const { status, body } = await ask({ port, pki }, `https://${name}.postern.test/`);
      answers[name] = status === 200 ? body.replace(/ \S+ \S+$/, '') : String(status);
    }
    assert.deepEqual(answers, {
      nobody: '503',
      file: 'inner.test nobody',
      inline: 'inner.test nobody',
      wins: 'inner.test nobody',
      'wrong-name': '503',
      'wrong-ca': '503',
      address: '503',
      skip: 'false nobody',
      'client-file': 'inner.test proxy',
      'client-inline': 'inner.test proxy',
      host: 'inner.test nobody',
    });
  });

  it('does not change the Host, nor is it changed by the Host that is kept', async () => {
    const hosts = await Promise.all(
      ['file', 'host'].map(async (name) => (await ask({ port, pki }, `https://${name}.postern.test/`)).body.split(' ')[2]),
    );
    assert.deepEqual(hosts, [server.url.replace('https://', ''), `host.postern.test:${port}`]);
  });

  it('certificate_authority and certificate_authority_file trust beside the public ones, where a route has no CA of its own', async () => {
    for (const key of [`certificate_authority: ${inline(ca.certificatePem)}`, 'certificate_authority_file: ca.pem']) {
      const at = await freePort();
      const route = `to: '${server.url}', tls_server_name: inner.test, allow_public_unauthenticated_access: true`;
      await using _ = await openAt({
        config: `address: 127.0.0.1:${at}
health_check_addr: 127.0.0.1:0
certificates: [{cert: server.pem, key: server.key}]
${key}
routes:
  - {from: https://own.postern.test, ${route}, tls_custom_ca: ${inline(stranger.certificatePem)}}
  - {from: https://none.postern.test, ${route}}
`,
        files: { 'server.pem': pki.server.certificatePem, 'server.key': pki.server.keyPem, 'ca.pem': ca.certificatePem },
      });
      const statuses = await Promise.all(
        ['own', 'none'].map(async (name) => (await ask({ port: at, pki }, `https://${name}.postern.test/`)).status),
      );
      assert.deepEqual(statuses, [503, 200], key);
    }
  });
});
