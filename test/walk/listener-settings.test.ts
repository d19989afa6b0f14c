import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exchangePlain } from '../listener/raw-client.ts';
import { askHttp2 } from '../listener/http2-client.ts';
import { explained } from '../dangers/explained.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, configText, openHouse } from './house.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';

const host = 'app.postern.test';
const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

describe('the settings of the listener', () => {
  let echo: AsyncDisposable & { readonly url: string };
  before(async () => {
    echo = await openEcho();
  });
  after(() => echo[Symbol.asyncDispose]());

  const routes = (): string => `routes: [{from: https://${host}, to: ${echo.url}, allow_public_unauthenticated_access: true}]`;

  it('serve HTTP/1.1 and HTTP/2 without TLS, without a server certificate, as explain says', async () => {
    await using house = await openHouse({ config: `insecure_server: true\n${routes()}` });
    const seen = bodyOf(await exchangePlain(house.port, request('/a/../b?c')));
    const session = connectHttp2(`http://127.0.0.1:${house.port}`);
    const two = JSON.parse((await askHttp2(session, { ':authority': host, ':path': '/a/../b?c' })).body) as Seen;
    session.destroy();
    for (const scheme of ['http', 'https']) {
      const { decision, upstream, certificate, trace } = await explained(house, 'GET', `${scheme}://${host}/a/../b?c`);
      assert.deepEqual([decision, certificate.presented, trace[0]?.subject], ['allow', false, '(no TLS)']);
      assert.deepEqual(
        [upstream?.url, upstream?.headers['x-forwarded-proto']],
        [`${echo.url}${seen.target}`, seen.headers['x-forwarded-proto']],
      );
    }
    assert.deepEqual([seen.target, two.target], ['/b?c', '/b?c']);
    const line = await house.logLine(({ path }) => path === '/b');
    assert.deepEqual([line['status'], line['sni'], line['remote_address']], [200, null, '127.0.0.1']);
  });

  it('redirect beside it, and count what they redirect', async () => {
    const [redirectPort, metricsPort] = [await freePort(), await freePort()];
    const config = `http_redirect_addr: 127.0.0.1:${redirectPort}\nmetrics_address: 127.0.0.1:${metricsPort}\n${routes()}`;
    await using house = await openHouse({ config });
    assert.deepEqual(house.server.redirectAddress, { host: '127.0.0.1', port: redirectPort });
    assert.match(await exchangePlain(redirectPort, request('/x')), /^HTTP\/1\.1 301 [^]*\r\nLocation: https:\/\/app\.postern\.test\/x\r\n/);
    assert.equal((await ask(house, `https://${host}/`)).status, 200);
    await house.logLine(({ status }) => status === 301);
    assert.match(await fetchText(metricsPort, '/metrics'), /postern_requests_total\{route="[^"]*",decision="own",status="301"\} 1/);
  });

  it('open every address or none: a port that is taken leaves nothing behind', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const taken = (blocker.address() as { port: number }).port;
    const port = await freePort();
    for (const more of ['', 'insecure_server: true\n', 'use_proxy_protocol: true\n']) {
      const config = `http_redirect_addr: 127.0.0.1:${taken}\n${more}${routes()}`;
      await assert.rejects(openHouse({ config, port }), { code: 'EADDRINUSE' });
      const socket = connect({ host: '127.0.0.1', port });
      const [error] = (await once(socket, 'error')) as [Error & { code: string }];
      assert.equal(error.code, 'ECONNREFUSED');
    }
    blocker.close();
  });

  it('are read anew by a reload where they are about requests, and named where they need a restart', async () => {
    await using house = await openHouse({ config: routes() });
    const reload = async (more: string): Promise<void> => {
      await writeFile(house.configFile, configText(`${more}\n${routes()}`, house.port));
      assert.ok(await house.server.reload(), house.problems.map(({ message }) => message).join('\n'));
    };
    const status = async (target: string, headers = {}): Promise<number> =>
      (await ask(house, `https://${host}${target}`, { headers })).status;
    assert.deepEqual([await status('/a%2fb'), await status('/', { x_team: 'blue' })], [400, 400]);
    await reload('path_with_escaped_slashes_action: keep_unchanged\nheaders_with_underscores_action: allow');
    assert.deepEqual([await status('/a%2fb'), await status('/', { x_team: 'blue' })], [200, 200]);
    await reload('path_with_escaped_slashes_action: unescape_and_redirect\nheaders_with_underscores_action: drop_header');
    assert.deepEqual([await status('/a%2fb'), await status('/', { x_team: 'blue' })], [307, 200]);
    await reload(
      'insecure_server: true\nhttp_redirect_addr: 127.0.0.1:1\nuse_proxy_protocol: true\ntimeout_read: 1s\ntimeout_write: 2s\ntimeout_idle: 3s',
    );
    const line = await house.logLine(({ needs_restart: names }) => Array.isArray(names) && names.length > 0);
    assert.deepEqual(line['needs_restart'], [
      'insecure_server',
      'http_redirect_addr',
      'use_proxy_protocol',
      'timeout_read',
      'timeout_write',
      'timeout_idle',
    ]);
    assert.deepEqual([await status('/a%2fb'), await status('/')], [400, 200]);
    const told = house.log.length;
    await reload('use_proxy_protocol: true');
    const later = house.log.slice(told).find(({ needs_restart: names }) => Array.isArray(names));
    assert.deepEqual(later?.['needs_restart'], ['use_proxy_protocol'], 'compared with what the sockets were opened with');
  });

  it('bound the head of a request and the time between two by their timeouts', async () => {
    await using house: House = await openHouse({ config: `insecure_server: true\ntimeout_read: 100ms\ntimeout_idle: 100ms\n${routes()}` });
    assert.match(await exchangePlain(house.port, 'GET / HT'), /^HTTP\/1\.1 408 /);
    assert.match(await exchangePlain(house.port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), /^HTTP\/1\.1 200 /);
  });
});

function bodyOf(answer: string): Seen {
  const [, body = ''] = answer.split('\r\n\r\n');
  return JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as Seen;
}

function fetchText(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}
