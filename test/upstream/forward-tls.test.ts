import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { writeAuthority } from '../../src/upstream/write-authority.ts';
import { inboundOf, plainPlan } from './example-request.ts';
import { failureCode, forward, poolTo, routeOf } from './forwarding.ts';
import { openTls } from './tls-upstream.ts';
import { openFront, openRawClient } from './upgrade-front.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };

describe('forwardRequest() to an https upstream', () => {
  const roots = getCACertificates('default');
  let ca: Issued;
  before(async () => {
    ca = await issueAuthority({ commonName: 'Upstream CA', ...validity });
    setDefaultCACertificates([...roots, ca.certificatePem]);
  });
  after(() => setDefaultCACertificates(roots));

  it('asks for the host of `to` and trusts its certificate, whatever host the visitor used', async () => {
    await using upstream = await openTls(await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...validity }));
    await using pool = poolTo(new URL(`https://localhost:${upstream.port}`));
    const route = routeOf(pool, { headers: { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) } });
    for (const host of ['one.example', 'two.example']) {
      const run = forward(route, inboundOf({ host }));
      assert.deepEqual([await failureCode(run), run.sink.body], ['done 200 whole', `localhost ${host}`]);
      await connectionIsIdle();
    }
    assert.equal(upstream.connections(), 1);
  });

  it('compares an IP literal with the addresses in the certificate', async () => {
    await using good = await openTls(await issueServerCertificate(ca, { commonName: 'x', ipAddresses: ['127.0.0.1'], ...validity }));
    await using pool = poolTo(new URL(`https://127.0.0.1:${good.port}`));
    const route = routeOf(pool, { headers: { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) } });
    assert.equal(await failureCode(forward(route, inboundOf({ host: 'one.example' }))), 'done 200 whole');
    await connectionIsIdle();
    assert.equal(await failureCode(forward(route, inboundOf({ host: 'two.example' }))), 'done 200 whole');
    assert.equal(good.connections(), 1);
  });

  it('sends nothing to a server with a certificate of another name, of nobody’s, or expired', async () => {
    const stranger = await issueAuthority({ commonName: 'Stranger CA', ...validity });
    const past = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2021-01-01T00:00:00Z') };
    const certificates = [
      await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['app.example'], ...validity }),
      await issueServerCertificate(stranger, { commonName: 'x', dnsNames: ['localhost'], ...validity }),
      await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...past }),
    ];
    for (const certificate of certificates) {
      await using upstream = await openTls(certificate);
      await using pool = poolTo(new URL(`https://localhost:${upstream.port}`));
      // The first certificate fits the visitor's host, which must not count.
      const route = routeOf(pool, { headers: { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) } });
      assert.deepEqual([await failureCode(forward(route, inboundOf({ host: 'app.example' }))), upstream.requests()], ['upstream-tls', 0]);
    }
  });

  it('asks for the host of `to` for a WebSocket too', async () => {
    const upstream = await openTls(await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...validity }));
    const wrong = await openTls(await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['app.example'], ...validity }));
    await using _ = upstream;
    await using __ = wrong;
    const heard: string[] = [];
    for (const { port } of [upstream, wrong]) {
      await using pool = poolTo(new URL(`https://localhost:${port}`));
      await using front = await openFront(
        routeOf(pool, { headers: { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) } }),
      );
      const client = openRawClient(front.port);
      heard.push(await client.until((text) => text.includes('localhost app.example') || text.includes('upstream-tls')));
      client.socket.destroy();
    }
    assert.deepEqual([heard[0]?.startsWith('HTTP/1.1 101'), heard[1]?.endsWith('upstream-tls')], [true, true]);
  });

  it('calls a server that speaks no TLS a failure of TLS', async () => {
    const server = createHttpServer((_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using pool = poolTo(new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`));
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'upstream-tls');
    server.close();
  });
});

describe('forwardRequest() to a unix socket', () => {
  it('sends the request there, with localhost as its host', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'upstream-'));
    const socketPath = join(folder, 'app.sock');
    const server = createHttpServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
    server.listen(socketPath);
    await once(server, 'listening');
    await using pool = poolTo(new URL(`unix://${socketPath}`));
    const run = forward(routeOf(pool), inboundOf({ target: '/a?b' }));
    assert.deepEqual([await failureCode(run), run.sink.body], ['done 200 whole', 'localhost /a?b']);
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
});

/** The client gives an answered connection one turn of the event loop before it uses it again. */
async function connectionIsIdle(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
