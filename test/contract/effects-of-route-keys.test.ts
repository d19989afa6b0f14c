import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AskOptions, House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import { askRaw } from '../cli/ask-raw.ts';
import type { Seen } from '../walk/recorder.ts';
import { openEcho, openUpstream } from '../walk/recorder.ts';

const open = 'allow_public_unauthenticated_access: true';
type Upstream = AsyncDisposable & { readonly url: string };

/** What becomes of a request that was let in. */
describe('a key of a route', () => {
  const opened: AsyncDisposable[] = [];
  let echo: Upstream;

  before(async () => {
    echo = await openEcho();
    opened.push(echo);
  });

  after(async () => {
    await Promise.all(opened.toReversed().map((each) => each[Symbol.asyncDispose]()));
  });

  async function house(config: string): Promise<House> {
    const made = await openHouse({ config: config.replaceAll('{{to}}', echo.url) });
    opened.push(made);
    return made;
  }

  it('prefix_rewrite, regex_rewrite_… and the path of to change the path, and leave the query', async () => {
    const at = await house(`routes:
  - {from: https://a.postern.test, prefix: /old/, prefix_rewrite: /new/, to: '{{to}}', ${open}}
  - {from: https://a.postern.test, prefix: /gone, prefix_rewrite: /, to: '{{to}}', ${open}}
  - {from: https://a.postern.test, regex: "/u/([0-9]+)/x", regex_rewrite_pattern: "^/u/([0-9]+)/(x)$", regex_rewrite_substitution: '/\\2/\\1', to: '{{to}}', ${open}}
  - {from: https://a.postern.test, prefix: /sub/, to: '{{to}}/base/', ${open}}
  - {from: https://a.postern.test, prefix_rewrite: /under/, to: '{{to}}', ${open}}
`);
    const cases = {
      '/old/x?y=/old/': '/new/x?y=/old/',
      '/old/%41%2d/./b//c': '/new/A-/b/c',
      '/gone/x': '/x',
      '/gone': '/',
      '/u/17/x?q': '/x/17?q',
      '/sub/x': '/base/x',
      '/rest': '/under/rest',
    };
    const targets = Object.keys(cases).map(async (path) => {
      const { status, body } = await ask(at, `https://a.postern.test${path}`);
      return [path, status === 200 ? (JSON.parse(body) as Seen).target : `${status} ${body}`];
    });
    assert.deepEqual(Object.fromEntries(await Promise.all(targets)), cases);
  });

  it('redirect has each of its parts', async () => {
    const redirects: readonly (readonly [name: string, redirect: string, path: string, status: number, location: string])[] = [
      ['https', 'https_redirect: true', '/a?b', 301, 'https://https.postern.test:{{port}}/a?b'],
      ['scheme', 'scheme_redirect: http, response_code: 302', '/a', 302, 'http://scheme.postern.test:{{port}}/a'],
      ['host', 'host_redirect: other.test, response_code: 308', '/a?b', 308, 'https://other.test/a?b'],
      ['port', 'port_redirect: 8443, response_code: 307', '/a', 307, 'https://port.postern.test:8443/a'],
      ['path', 'path_redirect: /moved, response_code: 303', '/a?b', 303, 'https://path.postern.test:{{port}}/moved?b'],
      ['strip', 'path_redirect: /moved, strip_query: true', '/a?b', 301, 'https://strip.postern.test:{{port}}/moved'],
      ['prefix', 'prefix_rewrite: /v2/', '/v1/x?y', 301, 'https://prefix.postern.test:{{port}}/v2/x?y'],
    ];
    const lines = redirects.map(([name, redirect]) => {
      const prefix = name === 'prefix' ? 'prefix: /v1/, ' : '';
      return `  - {from: https://${name}.postern.test, ${prefix}redirect: {${redirect}}, ${open}}\n`;
    });
    const at = await house(`routes:\n${lines.join('')}`);
    for (const [name, , path, status, location] of redirects) {
      const answer = await ask(at, `https://${name}.postern.test${path}`);
      assert.deepEqual([name, answer.status, answer.headers.location], [name, status, location.replace('{{port}}', String(at.port))]);
    }
  });

  it('redirect and response are for those whom the policy lets in', async () => {
    const at = await house(`routes:
  - {from: https://r.postern.test, redirect: {host_redirect: x.test}}
  - {from: https://f.postern.test, response: {status: 200, body: secret}, policy: {allow: {and: [{http_method: PUT}]}}}
`);
    const statuses = [
      await ask(at, 'https://r.postern.test/'),
      await ask(at, 'https://f.postern.test/'),
      await ask(at, 'https://f.postern.test/', { method: 'PUT' }),
    ].map(({ status, body }) => [status, body.includes('secret')]);
    assert.deepEqual(statuses, [
      [403, false],
      [403, false],
      [200, true],
    ]);
  });

  it('response answers with its status and its text', async () => {
    const at = await house(`routes: [{from: https://t.postern.test, response: {status: 418, body: "I am a teapot\\n"}, ${open}}]`);
    const { status, body, headers } = await ask(at, 'https://t.postern.test/brew');
    assert.deepEqual([status, body, headers['content-type']], [418, 'I am a teapot\n', 'text/plain; charset=utf-8']);
  });

  it('to shares requests out by weight', async () => {
    const upstreams = await Promise.all(['blue', 'green'].map((name) => openUpstream((_, response) => void response.end(name))));
    opened.push(...upstreams);
    const [blue, green] = upstreams.map(({ url }) => url);
    const at = await house(`routes:
  - {from: https://w.postern.test, to: ["${blue},3", "${green},1"], ${open}}
  - {from: https://e.postern.test, to: ["${blue}", "${green}"], ${open}}
`);
    const count = async (host: string): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (let each = 0; each < 40; each += 1) {
        const { body } = await ask(at, `https://${host}.postern.test/`);
        counts[body] = (counts[body] ?? 0) + 1;
      }
      return counts;
    };
    const [weighted, even] = [await count('w'), await count('e')];
    assert.ok((weighted['blue'] ?? 0) > 2 * (weighted['green'] ?? 0) && (weighted['green'] ?? 0) > 0, JSON.stringify(weighted));
    assert.ok((even['blue'] ?? 0) >= 10 && (even['green'] ?? 0) >= 10, JSON.stringify(even));
  });

  it('to goes through a socket in the file system', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-unix-'));
    const path = join(folder, 'app.sock');
    const server = createServer((request, response) => void response.end(`${request.headers.host} ${request.url}`));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    opened.push({
      async [Symbol.asyncDispose]() {
        server.close();
        await rm(folder, { recursive: true });
      },
    });
    const at = await house(`routes: [{from: https://u.postern.test, to: "unix://${path}", ${open}}]`);
    const { status, body } = await ask(at, 'https://u.postern.test/x?y');
    assert.deepEqual([status, body], [200, 'localhost /x?y']);
  });

  it('timeout is for the whole answer and default_upstream_timeout for routes without, while 0s waits', async () => {
    const slow = await openUpstream((_, response) => void setTimeout(() => response.end('late'), 300));
    const dripping = await openUpstream((_, response) => {
      response.write('x');
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    opened.push(slow, dripping);
    const at = await house(`default_upstream_timeout: 100ms
routes:
  - {from: https://default.postern.test, to: ${slow.url}, ${open}}
  - {from: https://own.postern.test, to: ${slow.url}, ${open}, timeout: 5s}
  - {from: https://none.postern.test, to: ${slow.url}, ${open}, timeout: 0s}
  - {from: https://socket.postern.test, to: ${slow.url}, ${open}, allow_websockets: true}
  - {from: https://drip.postern.test, to: ${dripping.url}, ${open}, timeout: 200ms}
`);
    const hosts = ['default', 'own', 'none', 'socket'];
    const statuses = await Promise.all(hosts.map(async (host) => (await ask(at, `https://${host}.postern.test/`)).status));
    assert.deepEqual(statuses, [504, 200, 200, 200]);
    await assert.rejects(ask(at, 'https://drip.postern.test/'), 'an answer that began and takes too long is broken off');
  });

  it('idle_timeout ends an answer that stopped, also where timeout does not', async () => {
    const stuck = await openUpstream((_, response) => void response.write('x'));
    opened.push(stuck);
    const at = await house(`routes: [{from: https://i.postern.test, to: ${stuck.url}, ${open}, timeout: 0s, idle_timeout: 100ms}]`);
    await assert.rejects(ask(at, 'https://i.postern.test/'));
  });

  it('allow_websockets and allow_spdy let those upgrades through, and no others', async () => {
    const upgrading = createTcpServer((socket) => {
      socket.once('data', (data) => {
        const protocol = /^upgrade: (.*)$/im.exec(data.toString('latin1'))?.[1]?.trim();
        const accept = protocol === 'websocket' ? 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n' : '';
        if (protocol === undefined) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain');
        else socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${accept}\r\n`);
      });
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => upgrading.listen(0, '127.0.0.1', resolve));
    opened.push({ [Symbol.asyncDispose]: async () => void upgrading.close() });
    const address = upgrading.address();
    const to = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
    const at = await house(`routes:
  - {from: https://none.postern.test, to: ${to}, ${open}}
  - {from: https://web.postern.test, to: ${to}, ${open}, allow_websockets: true}
  - {from: https://spdy.postern.test, to: ${to}, ${open}, allow_spdy: true}
`);
    const statuses: Record<string, number> = {};
    for (const host of ['none', 'web', 'spdy'])
      for (const protocol of ['websocket', 'SPDY/3.1']) {
        const key = protocol === 'websocket' ? ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'] : [];
        const sni = `${host}.postern.test`;
        const head = ['GET / HTTP/1.1', `Host: ${sni}`, 'Connection: Upgrade', `Upgrade: ${protocol}`, ...key];
        statuses[`${host} ${protocol}`] = (await askRaw(at, { head, sni, client: undefined })).status;
      }
    const switched = Object.entries(statuses).filter(([, status]) => status === 101);
    assert.deepEqual(Object.fromEntries(switched), { 'web websocket': 101, 'spdy SPDY/3.1': 101 }, JSON.stringify(statuses));
  });

  it('cors_allow_preflight lets a preflight reach an upstream that is closed to strangers', async () => {
    const at = await house(`routes:
  - {from: https://closed.postern.test, to: '{{to}}', policy: {allow: {and: [{reject: 1}]}}}
  - {from: https://open.postern.test, to: '{{to}}', policy: {allow: {and: [{reject: 1}]}}, cors_allow_preflight: true}
`);
    const preflight: AskOptions = { method: 'OPTIONS', headers: { origin: 'https://x.test', 'access-control-request-method': 'PUT' } };
    const statuses = [
      await ask(at, 'https://closed.postern.test/', preflight),
      await ask(at, 'https://open.postern.test/', preflight),
      await ask(at, 'https://open.postern.test/', { method: 'OPTIONS' }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [403, 200, 403]);
  });
});
