import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import { openUpstream } from './recorder.ts';
import { dial, openSocketUpstream } from './web-socket.ts';

const timely = { timeout: 30_000 };
const app = 'https://app.postern.test';
const open = 'allow_public_unauthenticated_access: true';

/** More to do than can be done: who can't be answered in time is told so at once, and everybody else gets their own answer. */
describe('beyond saturation', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let sockets: AsyncDisposable & { readonly url: string };
  let metricsPort: number;
  const seen: string[] = [];
  const held: ServerResponse[] = [];

  before(async () => {
    upstream = await openUpstream(({ url = '' }, response) => {
      seen.push(url);
      if (url === '/held') held.push(response);
      else response.end(`answer to ${url}`);
    });
    sockets = await openSocketUpstream(() => {});
    metricsPort = await freePort();
    // A tenth of the usual times.
    house = await openHouse({ config: configOf(metricsPort), overload: { everyMs: 20, enterLagMs: 100, leaveLagMs: 60 } });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  const configOf = (metrics: number, more = ''): string => `
metrics_address: 127.0.0.1:${metrics}
${more}
routes:
  - {name: app, from: ${app}, to: '${upstream.url}', ${open}}
  - {name: socket, from: https://socket.postern.test, to: '${sockets.url}', allow_websockets: true, ${open}}`;

  /** Holds the only thread as long as it takes, as a burst of handshakes would. */
  async function saturate(): Promise<void> {
    while (house.log.filter(isLine('Postern is overloaded')).length <= house.log.filter(isLine('Postern is no longer overloaded')).length) {
      const until = performance.now() + 150;
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  async function metric(name: string): Promise<number> {
    const request = get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    return Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`postern_${name} `))
        ?.split(' ')[1] ?? 0,
    );
  }

  it('answers 503 before it looks at a request, over both protocols and to WebSockets, and recovers', timely, async () => {
    const connection = await openHttp2(house, 'app.postern.test');
    assert.equal((await connection.ask({ path: '/before' })).status, 200);
    seen.length = 0;
    let turnedAway = 0;
    let answered = 0;
    // However quick this machine is to recover, some come while it is overloaded.
    while (turnedAway < 6) {
      await saturate();
      const paths = Array.from({ length: 4 }, (_, index) => `/during/${turnedAway}/${index}`);
      const answers = await Promise.all(
        paths.map(async (path, index) => {
          const answer = index % 2 === 0 ? await ask(house, `${app}${path}`) : await connection.ask({ path });
          return { path, ...answer };
        }),
      );
      for (const { path, status, body, headers } of answers) {
        if (status === 503) {
          turnedAway += 1;
          assert.deepEqual([headers['retry-after'], body], ['2', 'Too busy: try again in a moment\n']);
          assert.ok(!seen.includes(path), `${path} reached the upstream`);
        } else {
          answered += 1;
          assert.deepEqual([status, body], [200, `answer to ${path}`]);
        }
      }
    }
    assert.equal(seen.length, answered);
    await saturate();
    const [dialled, healthy] = await Promise.all([dial(house, 'socket.postern.test'), ask(house, `${app}/healthz`)]);
    assert.equal(healthy.status, 200);
    if (dialled.kind === 'open') dialled.socket.terminate();
    else assert.equal(dialled.status, 503);
    await house.logLine(isLine('Postern is no longer overloaded'));
    while (house.log.filter(isLine('Postern is overloaded')).length > house.log.filter(isLine('Postern is no longer overloaded')).length)
      await new Promise((resolve) => setTimeout(resolve, 10));
    let later = await connection.ask({ path: '/after' });
    // A machine that is busy itself may be late once more.
    while (later.status === 503) later = await connection.ask({ path: '/after' });
    assert.equal(later.body, 'answer to /after');
    const line = await house.logLine(({ reasons }) => JSON.stringify(reasons) === '["overloaded"]');
    assert.deepEqual([line['status'], line['decision'], line['route'], line['upstream_ms']], [503, 'none', null, null]);
    assert.ok((await metric('requests_shed_total{reason="event-loop"}')) >= turnedAway);
  });

  it('of max_requests answers 503, health checks excepted, until one of them is over', timely, async () => {
    await using small = await openHouse({ config: configOf(await freePort(), 'max_requests: 3') });
    const waiting = Array.from({ length: 3 }, () => ask(small, `${app}/held`));
    while (held.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await ask(small, `${app}/fourth`)).status, 503);
    const dialled = await dial(small, 'socket.postern.test');
    assert.deepEqual(dialled.kind === 'open' ? 'open' : dialled.status, 503);
    for (const path of ['/healthz', '/ping']) assert.equal((await ask(small, `${app}${path}`)).status, 200);
    held.pop()?.end('one');
    await Promise.race(waiting);
    let status = 0;
    while (status !== 200) ({ status } = await ask(small, `${app}/fourth`));
    for (const response of held) response.end('others');
    const bodies = (await Promise.all(waiting)).map(({ body }) => body);
    assert.deepEqual(bodies.toSorted(), ['one', 'others', 'others']);
    await small.logLine(isLine('max_requests is reached'));
  });
});

function isLine(message: string): (line: Readonly<Record<string, unknown>>) => boolean {
  return (line) => String(line['msg']).startsWith(message);
}
