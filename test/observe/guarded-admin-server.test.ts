import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import type { AdminServer, AdminServerOptions } from '../../src/observe/admin-server.ts';
import { openAdminServer } from '../../src/observe/admin-server.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };
const routes = new Map([['/metrics', () => ({ status: 200, contentType: 'text/plain', body: 'figures' })]]);

async function withServer(options: Partial<AdminServerOptions>, use: (server: AdminServer) => Promise<void>): Promise<void> {
  const server = await openAdminServer({ address: { host: '127.0.0.1', port: 0 }, routes, ...options });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

describe('openAdminServer() with credentials', () => {
  it('answers nobody without them, not even which paths there are', async () => {
    await withServer({ basicAuth: 'scraper:sesame' }, async ({ address }) => {
      const ask = async (path: string, credentials?: string): Promise<readonly unknown[]> => {
        const headers = credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
        const response = await fetch(`http://127.0.0.1:${address.port}${path}`, { headers });
        return [response.status, response.headers.get('www-authenticate'), await response.text()];
      };
      const refused = [401, 'Basic realm="metrics", charset="UTF-8"', 'unauthorized\n'];
      assert.deepEqual(await ask('/metrics'), refused);
      assert.deepEqual(await ask('/metrics', 'scraper:wrong'), refused);
      assert.deepEqual(await ask('/nothing'), refused);
      assert.deepEqual(await ask('/metrics', 'scraper:sesame'), [200, null, 'figures']);
      assert.deepEqual(await ask('/nothing', 'scraper:sesame'), [404, null, 'not found\n']);
    });
  });
});

describe('openAdminServer() with TLS', () => {
  const roots = getCACertificates('default');
  let ca: Issued;
  let clients: Issued;
  let tls: { readonly certificatePem: string; readonly keyPem: string };
  before(async () => {
    ca = await issueAuthority({ commonName: 'Server CA', ...validity });
    clients = await issueAuthority({ commonName: 'Client CA', ...validity });
    tls = await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...validity });
    // As if the authority of the server were a public one: whoever holds a certificate of it must not be let in for that.
    setDefaultCACertificates([...roots, ca.certificatePem]);
  });
  after(() => setDefaultCACertificates(roots));

  async function ask({ address }: AdminServer, client?: Issued, given: ConnectionOptions = {}): Promise<string> {
    const own = client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem };
    const options = { host: 'localhost', port: address.port, path: '/metrics', ca: ca.certificatePem, agent: false, ...own, ...given };
    return new Promise((resolve) => {
      const asked = request(options, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve(body));
      });
      asked.on('error', () => resolve('refused'));
      asked.end();
    });
  }

  it('speaks TLS 1.2 and later, and asks for no certificate unless it is told of whom', async () => {
    await withServer({ tls: { ...tls, clientAuthorities: [] } }, async (server) => {
      assert.equal(await ask(server), 'figures');
      assert.equal(await ask(server, undefined, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'refused');
      await assert.rejects(fetch(`http://localhost:${server.address.port}/metrics`));
    });
  });

  it('answers those with a certificate of the client CA and nobody else', async () => {
    const good = await issueClientCertificate(clients, { commonName: 'scraper', ...validity });
    const late = await issueClientCertificate(clients, { commonName: 'late', from: validity.from, to: new Date('2021-01-01T00:00:00Z') });
    const server = await issueServerCertificate(clients, { commonName: 'a server', dnsNames: ['x'], ...validity });
    const stranger = await issueClientCertificate(ca, { commonName: 'stranger', ...validity });
    await withServer({ tls: { ...tls, clientAuthorities: [clients.certificatePem] } }, async (admin) => {
      assert.equal(await ask(admin, good), 'figures');
      for (const client of [undefined, late, server, stranger]) assert.equal(await ask(admin, client), 'refused');
    });
  });

  it('remembers no session of somebody with a certificate', async () => {
    const good = await issueClientCertificate(clients, { commonName: 'scraper', ...validity });
    await withServer({ tls: { ...tls, clientAuthorities: [clients.certificatePem] } }, async ({ address }) => {
      const open = (given: ConnectionOptions): Promise<TLSSocket | undefined> =>
        new Promise((resolve) => {
          const socket = connect({ host: 'localhost', port: address.port, ca: ca.certificatePem, maxVersion: 'TLSv1.2', ...given });
          socket.on('error', () => resolve(undefined));
          socket.once('secureConnect', () => resolve(socket));
        });
      const first = await open({ cert: good.certificatePem, key: good.keyPem });
      const session = first?.getSession();
      first?.destroy();
      assert.ok(session);
      assert.equal(await open({ session }), undefined);
    });
  });
});
