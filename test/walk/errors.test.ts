import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Answer, AskOptions, House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const page = { accept: 'text/html' };

/** Everything that goes wrong ends in a page with a reference, and in a log line with the same reference and the cause. */
describe('when something goes wrong', () => {
  let house: House;
  let silent: AsyncDisposable & { readonly url: string };
  const broken = createServer((socket) => {
    socket.once('data', (data) => socket.end(data.includes('/garbage') ? 'What do you want?\r\n\r\n' : ''));
    socket.on('error', () => socket.destroy());
  });

  before(async () => {
    silent = await openUpstream(() => {});
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { port } = broken.address() as AddressInfo;
    house = await openHouse({
      config: `
routes:
  - {name: nowhere, from: https://nowhere.postern.test, to: "http://127.0.0.1:${await freePort()}", allow_public_unauthenticated_access: true}
  - {name: broken, from: https://broken.postern.test, to: "http://127.0.0.1:${port}", allow_public_unauthenticated_access: true}
  - {name: no-tls, from: https://no-tls.postern.test, to: "${silent.url.replace('http:', 'https:')}", allow_public_unauthenticated_access: true}
  - {name: silent, from: https://silent.postern.test, to: ${silent.url}, allow_public_unauthenticated_access: true, timeout: 50ms}
  - {name: app, from: https://app.postern.test, prefix: /app, to: ${silent.url}, policy: {allow: {or: [{reject: true}]}}}
  - {name: certified, from: https://certified.postern.test, to: ${silent.url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await silent[Symbol.asyncDispose]();
    await new Promise((resolve) => broken.close(resolve));
  });

  const visit = (host: string, options?: AskOptions, path = '/'): Promise<Answer> =>
    ask(house, `https://${host}.postern.test${path}`, { headers: page, ...options });

  async function lineOf({ body }: Answer): Promise<Readonly<Record<string, unknown>>> {
    const id = uuid.exec(body)?.[0] ?? assert.fail(`no reference on the page: ${body.slice(0, 200)}`);
    return house.logLine((each) => each['request_id'] === id && each['msg'] === 'request');
  }

  it('tells the visitor by a status of its own what it was, and the log why', async () => {
    const cases: readonly (readonly [Answer, status: number, decision: string, failure: string | null])[] = [
      [await visit('nowhere'), 503, 'allow', 'upstream-unreachable'],
      [await visit('no-tls'), 503, 'allow', 'upstream-tls'],
      [await visit('broken'), 502, 'allow', 'upstream-broken'],
      [await visit('broken', {}, '/garbage'), 502, 'allow', 'upstream-broken'],
      [await visit('silent'), 504, 'allow', 'upstream-timeout'],
      [await visit('unknown'), 404, 'not-found', null],
      [await visit('app', {}, '/other'), 404, 'not-found', null],
      [await visit('app', {}, '/app'), 403, 'deny', null],
      [await visit('app', { method: 'POST' }, '/ping'), 405, 'own', null],
      [await visit('app', {}, '/.pomerium/no-such-page'), 404, 'own', null],
      [await visit('app', {}, '/app%2Fx'), 400, 'bad-request', null],
      [await visit('certified'), 495, 'deny', null],
      [await visit('certified', { sni: 'app.postern.test' }), 421, 'misdirected', null],
    ];
    const told = await Promise.all(cases.map(async ([answer]) => [answer.status, await lineOf(answer)] as const));
    assert.deepEqual(
      told.map(([status, line]) => [status, line['status'], line['decision'], line['failure']]),
      cases.map(([, status, decision, failure]) => [status, status, decision, failure]),
    );
  });

  it('shows a page without scripts, under a strict policy, that says nothing of upstreams and causes', async () => {
    for (const host of ['nowhere', 'broken', 'silent', 'unknown', 'certified']) {
      const { headers, body } = await visit(host);
      assert.match(headers['content-type'] ?? '', /^text\/html; charset=utf-8$/);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/);
      assert.deepEqual([headers['cache-control'], headers['x-content-type-options']], ['no-store', 'nosniff']);
      assert.doesNotMatch(body, /<script|127\.0\.0\.1|ECONN|UND_ERR|unknown-ca|policy/i);
      assert.match(body, /<h1/);
    }
  });

  it('answers in the form that the client reads', async () => {
    const json = await visit('nowhere', { headers: { accept: 'application/json' } });
    assert.deepEqual([json.status, Object.keys(JSON.parse(json.body) as object)], [503, ['error', 'request_id']]);
    assert.equal((await lineOf(json))['status'], 503);
    const text = await visit('nowhere', { headers: { accept: 'text/plain' } });
    assert.match(text.body, /\n\nReference: [0-9a-f-]{36}\n$/);
  });

  it('answers HEAD with the head of the same page', async () => {
    for (const host of ['nowhere', 'unknown', 'certified']) {
      const [head, get] = [await visit(host, { method: 'HEAD' }), await visit(host)];
      const bodies = [head.body, Number(head.headers['content-length'])];
      assert.deepEqual([head.status, ...bodies], [get.status, '', Buffer.byteLength(get.body)]);
    }
  });

  it('names the methods that an endpoint takes', async () => {
    const { status, headers } = await visit('app', { method: 'DELETE' }, '/.pomerium/');
    assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
  });

  it('does the same over HTTP/2', async () => {
    await using connection = await openHttp2(house, 'app.postern.test');
    const statuses: number[] = [];
    for (const host of ['nowhere', 'broken', 'silent', 'unknown', 'certified']) {
      const { status, body } = await connection.ask({ host: `${host}.postern.test`, headers: page });
      statuses.push(status);
      assert.match(body, uuid);
    }
    assert.deepEqual(statuses, [503, 502, 504, 404, 421]);
  });

  it('logs the cause of a fault with the reference of its request', async () => {
    const answer = await visit('nowhere');
    const { request_id: id } = await lineOf(answer);
    const cause = await house.logLine((each) => each['request_id'] === id && each['msg'] !== 'request');
    assert.deepEqual(
      [cause['level'], cause['failure'], cause['source'], cause['retryable']],
      ['warn', 'upstream-unreachable', 'upstream', true],
    );
    assert.match(String(cause['msg']), /^Cannot connect to http:\/\/127\.0\.0\.1:\d+\/: ECONNREFUSED$/);
  });
});
