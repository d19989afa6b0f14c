import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { explained } from '../dangers/explained.ts';
import type { House } from './house.ts';
import { ask, openHouse } from './house.ts';
import type { Recorder, Seen } from './recorder.ts';
import { openEcho, openRecorder } from './recorder.ts';

/** What becomes of path, host and origin of a request on its way to the upstream; `explain` says the same. */
describe('a request that is rewritten', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let recorder: Recorder;

  before(async () => {
    echo = await openEcho();
    recorder = await openRecorder();
    const open = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
routes:
  - {from: https://prefix.postern.test, prefix: /app, prefix_rewrite: /, to: ${echo.url}, ${open}}
  - {from: https://base.postern.test, to: ${echo.url}/base/, ${open}}
  - {from: https://text.postern.test, to: ${echo.url}/base, ${open}}
  - {from: https://whole.postern.test, path: /old, prefix_rewrite: /new, to: ${echo.url}, ${open}}
  - from: https://regex.postern.test
    to: ${echo.url}
    regex_rewrite_pattern: ^/users/([^/]+)/(.*)$
    regex_rewrite_substitution: /\\2/$1/\\1
    allow_public_unauthenticated_access: true
  - {from: https://out.postern.test, prefix: /app, prefix_rewrite: /base/, to: ${recorder.url}, allow_websockets: true, ${open}}
  - {from: https://literal.postern.test, host_rewrite: app.internal:81, to: ${echo.url}, ${open}}
  - {from: https://header.postern.test, host_rewrite_header: X-Tenant, to: ${echo.url}, ${open}}
  - from: https://path.postern.test
    to: ${echo.url}
    host_path_regex_rewrite_pattern: ^/([a-z]+)/.*$
    host_path_regex_rewrite_substitution: \\1.internal
    allow_public_unauthenticated_access: true
  - {from: https://kept.postern.test, preserve_host_header: true, to: ${echo.url}, ${open}}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
  });

  async function sent(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const { status, body } = await ask(house, url, { headers });
    assert.equal(status, 200, body);
    return JSON.parse(body) as Seen;
  }

  it('has the path that its route makes of it, and its query byte for byte', async () => {
    const cases: readonly (readonly [url: string, target: string])[] = [
      ['https://prefix.postern.test/app/y?x=/app/%2e%2e', '/y?x=/app/%2e%2e'],
      ['https://prefix.postern.test/app?x', '/?x'],
      ['https://prefix.postern.test/apple', '/le'],
      ['https://base.postern.test/y', '/base/y'],
      ['https://text.postern.test/y', '/basey'],
      ['https://whole.postern.test/old?x=1', '/new?x=1'],
      ['https://regex.postern.test/users/alice/a/b?c', '/a/b/$1/alice?c'],
      ['https://regex.postern.test/other', '/other'],
    ];
    for (const [url, target] of cases) {
      assert.equal((await sent(url)).target, target, url);
      const { upstream } = await explained(house, 'GET', url);
      assert.equal(upstream?.url, echo.url + target, url);
    }
  });

  it('is refused where that would lead out of the upstream’s path, and not a byte of it is sent', async () => {
    for (const path of ['/app../x', '/app..', '/app./x', '/app..?x=1']) {
      const url = `https://out.postern.test${path}`;
      assert.equal((await ask(house, url)).status, 400, path);
      const { decision, status, reasons, upstream, allow } = await explained(house, 'GET', url);
      assert.deepEqual(
        { decision, status, reasons, upstream, allow },
        { decision: 'bad-request', status: 400, reasons: ['path-invalid'], upstream: null, allow: { result: true, reasons: ['accept'] } },
      );
    }
    const socket = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-version': '13',
    };
    assert.equal((await ask(house, 'https://out.postern.test/app../x', { headers: socket })).status, 400);
    assert.equal(recorder.bytes(), '');
    const line = await house.logLine(({ path }) => path === '/app../x');
    assert.deepEqual([line['decision'], line['reasons'], line['status']], ['bad-request', ['path-invalid'], 400]);
  });

  it('has the host that its route names, and tells the one that was asked for', async () => {
    const upstream = new URL(echo.url).host;
    const cases: readonly (readonly [url: string, headers: Readonly<Record<string, string>>, host: string])[] = [
      ['https://base.postern.test/', {}, upstream],
      ['https://literal.postern.test/', {}, 'app.internal:81'],
      ['https://header.postern.test/', { 'x-tenant': 'Alice.Internal' }, 'alice.internal'],
      ['https://header.postern.test/', { 'x-tenant': 'a.internal/../' }, upstream],
      ['https://header.postern.test/', {}, upstream],
      ['https://path.postern.test/alice/x', {}, 'alice.internal'],
      ['https://path.postern.test/ALICE/x', {}, upstream],
      ['https://kept.postern.test/', {}, `kept.postern.test:${house.port}`],
    ];
    for (const [url, headers, host] of cases) {
      const seen = await sent(url, headers);
      assert.deepEqual([seen.headers['host'], seen.headers['x-forwarded-host']], [host, `${new URL(url).hostname}:${house.port}`], url);
    }
    const { upstream: told } = await explained(house, 'GET', 'https://path.postern.test/alice/x');
    assert.equal(told?.headers['host'], 'alice.internal');
  });
});

describe('where a request came from', () => {
  const client = { 'x-forwarded-for': '192.0.2.1, 192.0.2.2', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example' };
  const cases: readonly (readonly [name: string, keys: string, told: readonly (string | undefined)[]])[] = [
    ['is told by Postern alone', '', ['192.0.2.1, 192.0.2.2,127.0.0.1', 'https']],
    ['is left to the proxies in front with skip_xff_append', 'skip_xff_append: true', ['192.0.2.1, 192.0.2.2', 'https']],
    ['is told by the proxies in front where they are trusted', 'xff_num_trusted_hops: 1', ['192.0.2.1, 192.0.2.2,127.0.0.1', 'http']],
  ];
  for (const [name, keys, told] of cases) {
    it(name, async () => {
      await using echo = await openEcho();
      await using house = await openHouse({ config: `${keys}\n${routesTo(echo.url)}` });
      const { headers } = JSON.parse((await ask(house, 'https://app.postern.test/', { headers: client })).body) as Seen;
      assert.deepEqual([headers['x-forwarded-for'], headers['x-forwarded-proto']], told);
      assert.equal(headers['x-forwarded-host'], `app.postern.test:${house.port}`);
    });
  }
});

function routesTo(url: string): string {
  return `routes: [{from: https://app.postern.test, to: ${url}, allow_public_unauthenticated_access: true}]`;
}
