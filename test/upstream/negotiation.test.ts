import assert from 'node:assert/strict';
import type { ServerResponse, IncomingMessage } from 'node:http';
import { before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import { createPool } from '../../src/upstream/create-pool.ts';
import { plainTls } from '../../src/upstream/upstream-tls.ts';
import { bytesArrive } from './bytes-arrive.ts';
import { inboundOf } from './example-request.ts';
import { bodyOf, failureCode, forward, routeOf } from './forwarding.ts';
import type { Http2Upstream, Http2UpstreamOptions } from './http2-upstream.ts';
import { openHttp2Upstream } from './http2-upstream.ts';
import { openTls } from './tls-upstream.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };

describe('the protocol of an https upstream', () => {
  let ca: Issued;
  let certificate: Issued;

  before(async () => {
    ca = await issueAuthority({ commonName: 'Upstream CA', ...validity });
    certificate = await issueServerCertificate(ca, { commonName: 'upstream', dnsNames: [], ipAddresses: ['127.0.0.1'], ...validity });
  });

  function poolTo(port: number | string): UpstreamPool {
    const tls = { ...plainTls, roots: { kind: 'only', authorities: [ca.certificatePem] } as const };
    return createPool({ to: [{ url: new URL(`https://127.0.0.1:${port}`), weight: 1 }], tls });
  }

  function speakingBoth(options: Partial<Http2UpstreamOptions> = {}): Promise<Http2Upstream> {
    return openHttp2Upstream(
      (stream) => {
        stream.resume().on('end', () => {
          stream.respond({ ':status': 200 });
          stream.end('HTTP/2');
        });
      },
      { tls: certificate, onHttp1, ...options },
    );
  }

  it('is HTTP/2 where the upstream takes it, over one connection', async () => {
    await using upstream = await speakingBoth();
    await using pool = poolTo(upstream.url.port);
    const answers = await Promise.all([ask(pool), ask(pool, 'body'), ask(pool)]);
    assert.deepEqual([answers, await ask(pool), upstream.sessions.length], [['HTTP/2', 'HTTP/2', 'HTTP/2'], 'HTTP/2', 1]);
    assert.equal(upstream.seen[0]?.[':scheme'], 'https');
  });

  it('is HTTP/1.1 where it does not, and the connection that found out is not made in vain', async () => {
    await using upstream = await openTls(certificate);
    await using pool = poolTo(upstream.port);
    assert.match(await ask(pool), /127/);
    await bytesArrive();
    assert.match(await ask(pool, 'body'), /127/);
    assert.equal(upstream.connections(), 1);
    await bytesArrive();
    await Promise.all([ask(pool), ask(pool)]);
    assert.equal(upstream.connections(), 2);
  });

  it('is HTTP/1.1 where the upstream does not negotiate', async () => {
    const server = createTlsServer({ cert: certificate.certificatePem, key: certificate.keyPem, ALPNProtocols: [] }, (socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nold'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await using pool = poolTo(typeof address === 'object' ? (address?.port ?? 0) : 0);
    assert.equal(await ask(pool), 'old');
    server.close();
  });

  it('is found out anew by each connection: an upstream may change its mind', async () => {
    const first = await openTls(certificate);
    const { port } = first;
    await using pool = poolTo(port);
    assert.match(await ask(pool), /127/);
    await first[Symbol.asyncDispose]();
    await bytesArrive();
    const second = await speakingBoth({ port });
    assert.equal(await ask(pool, 'body'), 'HTTP/2');
    assert.equal(second.sessions.length, 1, 'the connection that found out was used');
    await second[Symbol.asyncDispose]();
    await bytesArrive();
    await using third = await openTls(certificate, { port });
    assert.match(await ask(pool, 'body'), /127/);
    assert.equal(third.connections(), 1);
  });

  it('is followed by a request with trailers too, of which nothing was sent when it changed', async () => {
    const first = await openTls(certificate);
    const { port } = first;
    await using pool = poolTo(port);
    assert.match(await ask(pool), /127/);
    await first[Symbol.asyncDispose]();
    await bytesArrive();
    await using second = await speakingBoth({ port });
    const inbound = inboundOf({ method: 'POST', headers: ['Trailer', 'X-Sum'] });
    const run = forward(routeOf(pool), inbound, { body: { ...bodyOf('body'), trailers: () => ['X-Sum', '1'] } });
    assert.deepEqual([await failureCode(run), run.sink.body, second.seen.length], ['done 200 whole', 'HTTP/2', 1]);
  });

  it('tells an upstream that asks for another certificate from one that breaks off', async () => {
    await using upstream = await speakingBoth({ requestCert: true, ca: [ca.certificatePem], rejectUnauthorized: true });
    await using pool = poolTo(upstream.url.port);
    assert.equal(await ask(pool), 'upstream-tls');
  });
});

async function ask(pool: UpstreamPool, body?: string): Promise<string> {
  const run = forward(routeOf(pool), inboundOf({ method: 'PUT' }), body === undefined ? {} : { body: bodyOf(body) });
  const code = await failureCode(run);
  return code === 'done 200 whole' ? run.sink.body : code;
}

function onHttp1(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => response.end('HTTP/1.1'));
}
