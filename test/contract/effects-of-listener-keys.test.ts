import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { inline } from '../dangers/revocation-lists.ts';
import type { Answer } from '../walk/house.ts';
import { freePort } from '../free-ports.ts';
import { ask } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { Seen } from '../walk/recorder.ts';
import { openEcho, openUpstream } from '../walk/recorder.ts';
import type { Opened } from './open-at.ts';
import { openAt } from './open-at.ts';

const open = 'allow_public_unauthenticated_access: true';

/** Where Postern listens, for what, and what it tells of it. */
describe('a key about listening', () => {
  let pki: Pki;
  let echo: AsyncDisposable & { readonly url: string };

  before(async () => {
    [pki, echo] = await Promise.all([makePki(), openEcho()]);
  });

  after(() => echo[Symbol.asyncDispose]());

  /** With a certificate, unless the configuration says `insecure_server`. */
  function opened(config: string): Promise<Opened> {
    const certificates = config.includes('insecure_server') ? '' : 'certificates: [{cert: server.pem, key: server.key}]\n';
    const health = config.includes('health_check_addr') ? '' : 'health_check_addr: 127.0.0.1:0\n';
    return openAt({
      config: certificates + health + config.replaceAll('{{to}}', echo.url),
      files: { 'server.pem': pki.server.certificatePem, 'server.key': pki.server.keyPem, 'ca-a.pem': pki.caA.certificatePem },
    });
  }

  const route = `routes: [{from: https://a.postern.test, to: '{{to}}', ${open}}]\n`;

  it('address: several are served alike', async () => {
    const ports = [await freePort(), await freePort()];
    await using house = await opened(`address: [${ports.map((port) => `"127.0.0.1:${port}"`).join(', ')}]\n${route}`);
    assert.deepEqual(
      house.server.addresses.map(({ port }) => port),
      ports,
    );
    const statuses = await Promise.all(ports.map(async (port) => (await ask({ port, pki }, 'https://a.postern.test/')).status));
    assert.deepEqual(statuses, [200, 200]);
  });

  it('http_redirect_addr: everybody is sent to https, without the port, and the connection ends', async () => {
    const [port, plain] = [await freePort(), await freePort()];
    await using _ = await opened(`address: 127.0.0.1:${port}\nhttp_redirect_addr: 127.0.0.1:${plain}\n${route}`);
    const { status, headers } = await askPlain(plain, '/a//b?c=%2f', { host: `a.postern.test:${plain}` });
    assert.deepEqual([status, headers.location, headers.connection], [301, 'https://a.postern.test/a//b?c=%2f', 'close']);
  });

  it('insecure_server: the listener speaks HTTP without TLS, and says so', async () => {
    const port = await freePort();
    await using _ = await opened(`address: 127.0.0.1:${port}\ninsecure_server: true\n${route}`);
    const { status, headers, body } = await askPlain(port, '/', { host: 'a.postern.test', 'x-forwarded-proto': 'https' });
    assert.equal(status, 200);
    assert.deepEqual([headers['strict-transport-security'], headers['x-frame-options']], [undefined, 'SAMEORIGIN']);
    assert.equal((JSON.parse(body) as Seen).headers['x-forwarded-proto'], 'http');
  });

  it('use_proxy_protocol: whoever the header names is the peer, and nobody comes in without one', async () => {
    const port = await freePort();
    const policy = '{allow: {and: [{source_ip: 198.51.100.0/24}]}}';
    await using _ = await opened(
      `address: 127.0.0.1:${port}\nuse_proxy_protocol: true\nroutes: [{from: https://a.postern.test, to: '{{to}}', policy: ${policy}}]\n`,
    );
    const version2 = Buffer.concat([
      Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
      Buffer.from([198, 51, 100, 8, 127, 0, 0, 1, 0x1f, 0x90, 0x01, 0xbb]),
    ]);
    const seen = [
      await askAfter(port, pki, Buffer.from('PROXY TCP4 198.51.100.7 127.0.0.1 8080 443\r\n')),
      await askAfter(port, pki, version2),
      await askAfter(port, pki, Buffer.from('PROXY TCP4 203.0.113.7 127.0.0.1 8080 443\r\n')),
      await askAfter(port, pki, Buffer.from('PROXY UNKNOWN\r\n')),
      await askAfter(port, pki, Buffer.alloc(0)),
    ];
    assert.deepEqual(
      seen.map((answer) => [/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1], /"x-forwarded-for":"([^"]*)"/.exec(answer)?.[1]]),
      [
        ['200', '198.51.100.7'],
        ['200', '198.51.100.8'],
        ['403', undefined],
        ['403', undefined],
        [undefined, undefined],
      ],
    );
  });

  it('metrics_…: with a password, over TLS, for whoever has a certificate', async () => {
    const [port, metrics] = [await freePort(), await freePort()];
    const pair = `metrics_certificate: ${inline(pki.server.certificatePem)}\nmetrics_certificate_key: ${inline(pki.server.keyPem)}\n`;
    const basic = `metrics_basic_auth: ${Buffer.from('prometheus:hunter2').toString('base64')}\n`;
    const common = `address: 127.0.0.1:${port}\nmetrics_address: 127.0.0.1:${metrics}\n${route}`;
    const authorization = `Basic ${Buffer.from('prometheus:hunter2').toString('base64')}`;
    {
      await using _ = await opened(`${common}${basic}`);
      const statuses = [
        await askPlain(metrics, '/metrics'),
        await askPlain(metrics, '/metrics', { authorization: `Basic ${Buffer.from('prometheus:hunter3').toString('base64')}` }),
        await askPlain(metrics, '/metrics', { authorization }),
      ].map(({ status, body }) => [status, body.includes('postern_')]);
      assert.deepEqual(statuses, [
        [401, false],
        [401, false],
        [200, true],
      ]);
    }
    {
      await using _ = await opened(`${common}${basic}${pair}metrics_client_ca_file: ca-a.pem\n`);
      const scrape = (client: typeof pki.alice | undefined): Promise<number | string> =>
        askMetrics(metrics, pki, authorization, client).catch(() => 'refused');
      assert.deepEqual(
        [await scrape(undefined), await scrape(pki.ofB), await scrape(pki.sameNameCa), await scrape(pki.alice)],
        ['refused', 'refused', 'refused', 200],
      );
    }
  });

  it('access_log_fields and authorize_log_fields add to the line of a request', async () => {
    const port = await freePort();
    await using house = await opened(`address: 127.0.0.1:${port}
access_log_fields: [user-agent, referer, forwarded-for, query, size, headers.X-Team, headers.Authorization, no-such-field]
authorize_log_fields: [client-certificate]
downstream_mtls: {ca_file: ca-a.pem}
${route}`);
    const headers = {
      'user-agent': 'curl/8',
      referer: 'https://r.test/',
      'x-forwarded-for': '198.51.100.7',
      'x-team': 'red',
      authorization: 'Basic c2VjcmV0',
    };
    const { status } = await ask({ port, pki }, 'https://a.postern.test/?q=1', { headers, client: pki.alice });
    assert.equal(status, 200);
    const line = await untilSome(() => house.log.find(({ msg, route: name }) => msg === 'request' && name !== undefined));
    assert.deepEqual(
      ['user_agent', 'referer', 'forwarded_for', 'query'].map((name) => line[name]),
      ['curl/8', 'https://r.test/', '198.51.100.7', 'q=1'],
    );
    const written = JSON.stringify(line);
    assert.match(written, /"red"/);
    assert.match(written, /CN=alice/);
    assert.doesNotMatch(written, /c2VjcmV0|secret/);
  });

  it('health_check_addr and log_level', async () => {
    const [port, health] = [await freePort(), await freePort()];
    await using house = await opened(`address: 127.0.0.1:${port}\nhealth_check_addr: 127.0.0.1:${health}\nlog_level: error\n${route}`);
    for (const path of ['/startupz', '/readyz', '/healthz', '/status']) assert.equal((await askPlain(health, path)).status, 200, path);
    await ask({ port, pki }, 'https://a.postern.test/');
    assert.deepEqual(house.log, []);
  });

  it('timeout_read, timeout_write and timeout_idle end what takes too long', async () => {
    const port = await freePort();
    await using slow = await openUpstream((_, response) => void setTimeout(() => response.end('late'), 3000).unref());
    await using _ = await opened(`address: 127.0.0.1:${port}
insecure_server: true
timeout_read: 200ms
timeout_write: 500ms
timeout_idle: 300ms
routes:
  - {from: https://a.postern.test, to: '{{to}}', ${open}}
  - {from: https://slow.postern.test, to: ${slow.url}, ${open}}
`);
    const answers = await Promise.all([
      writeAndWait(port, 'GET / HTTP/1.1\r\nHost: a.pos'),
      writeAndWait(port, 'GET / HTTP/1.1\r\nHost: slow.postern.test\r\n\r\n'),
      writeAndWait(port, 'GET / HTTP/1.1\r\nHost: a.postern.test\r\n\r\n'),
    ]);
    const [head, whole, idle] = answers.map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed');
    assert.match(String(head), /^(?:408|closed)$/);
    assert.match(String(whole), /^(?:504|closed)$/);
    assert.equal(idle, '200');
  });

  it('path_with_escaped_slashes_action and merge_slashes: what reaches the upstream', async () => {
    const outcomes: Record<string, unknown> = {};
    for (const action of ['reject_request', 'keep_unchanged', 'unescape_and_redirect', 'UNESCAPE_AND_FORWARD']) {
      const port = await freePort();
      await using _ = await opened(
        `address: 127.0.0.1:${port}\nmerge_slashes: false\npath_with_escaped_slashes_action: ${action}\n${route}`,
      );
      const { status, headers, body } = await ask({ port, pki }, 'https://a.postern.test/a%2fb//%5Cc?d=%2f');
      outcomes[action] = status === 200 ? (JSON.parse(body) as Seen).target : [status, headers.location?.replace(`:${port}`, '')];
    }
    assert.deepEqual(outcomes, {
      reject_request: [400, undefined],
      keep_unchanged: '/a%2Fb//%5Cc?d=%2f',
      unescape_and_redirect: [307, 'https://a.postern.test/a/b///c?d=%2f'],
      UNESCAPE_AND_FORWARD: '/a/b///c?d=%2f',
    });
  });
});

async function untilSome<Found>(find: () => Found | undefined): Promise<Found> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail('it never came');
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

async function askPlain(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return answerOf(response);
}

async function askMetrics(port: number, pki: Pki, authorization: string, client: Pki['alice'] | undefined): Promise<number> {
  const ca = pki.serverCa.certificatePem;
  const certificate = client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem };
  const name = { servername: 'metrics.postern.test', checkServerIdentity: () => undefined };
  const request = httpsRequest({
    host: '127.0.0.1',
    port,
    path: '/metrics',
    agent: false,
    headers: { authorization },
    ca,
    ...name,
    ...certificate,
  }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return (await answerOf(response)).status;
}

/** What a client gets that writes `first` before its ClientHello; empty when it gets nothing. */
async function askAfter(port: number, pki: Pki, first: Buffer): Promise<string> {
  const tcp = connect(port, '127.0.0.1');
  await once(tcp, 'connect');
  tcp.write(first);
  const socket = connectTls({
    socket: tcp,
    servername: 'a.postern.test',
    ca: pki.serverCa.certificatePem,
    checkServerIdentity: () => undefined,
  });
  socket.write('GET / HTTP/1.1\r\nHost: a.postern.test\r\nConnection: close\r\n\r\n');
  return text(socket).catch(() => '');
}

/** Everything that comes until the other side ends the connection; fails when it has not after two seconds. */
async function writeAndWait(port: number, first: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(first);
  const timer = setTimeout(() => socket.destroy(new Error(`still open after two seconds: ${first}`)), 2000);
  try {
    return await text(socket);
  } finally {
    clearTimeout(timer);
  }
}
