import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { AdminRoutes } from '../../src/observe/admin-server.ts';
import { openAdminServer } from '../../src/observe/admin-server.ts';
import { healthRoutes } from '../../src/observe/health-routes.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { metricsRoutes } from '../../src/observe/metrics-routes.ts';

const loopback = { host: '127.0.0.1', port: 0 };

async function withServer(routes: AdminRoutes, use: (origin: string, port: number) => Promise<void>): Promise<void> {
  const server = await openAdminServer({ address: loopback, routes });
  try {
    await use(`http://127.0.0.1:${server.address.port}`, server.address.port);
  } finally {
    await server.close();
  }
}

async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('openAdminServer()', () => {
  it('answers the checks by what the process is doing', async () => {
    const state = { started: false, draining: false };
    const routes = healthRoutes({ started: () => state.started, draining: () => state.draining, status: () => ({ version: '1' }) });
    await withServer(routes, async (origin) => {
      const checks = async (): Promise<readonly number[]> =>
        Promise.all(['/healthz', '/startupz', '/readyz'].map(async (path) => (await fetch(origin + path)).status));
      assert.deepEqual(await checks(), [200, 503, 503]);
      state.started = true;
      assert.deepEqual(await checks(), [200, 200, 200]);
      state.draining = true;
      assert.deepEqual(await checks(), [200, 200, 503]);
      const status = await fetch(`${origin}/status`);
      assert.deepEqual([status.headers.get('content-type'), await status.json()], ['application/json', { version: '1' }]);
    });
  });

  it('hands out the metrics', async () => {
    await withServer(metricsRoutes(createMetrics()), async (origin) => {
      const response = await fetch(`${origin}/metrics?x`);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
      assert.match(await response.text(), /^# HELP postern_requests_total /);
    });
  });

  it('answers GET and HEAD of known paths and nothing else', async () => {
    await withServer(metricsRoutes(createMetrics()), async (origin) => {
      const head = await fetch(`${origin}/metrics`, { method: 'HEAD' });
      const post = await fetch(`${origin}/metrics`, { method: 'POST', body: 'x' });
      const unknown = await fetch(`${origin}/`);
      assert.deepEqual(
        [head.status, await head.text(), post.status, post.headers.get('allow'), unknown.status],
        [200, '', 405, 'GET, HEAD', 404],
      );
    });
  });

  it('says no more than that something failed', async () => {
    const routes: AdminRoutes = new Map([['/x', () => Promise.reject(new Error('a secret'))]]);
    await withServer(routes, async (origin) => {
      const response = await fetch(`${origin}/x`);
      assert.deepEqual([response.status, await response.text()], [500, 'internal error\n']);
    });
  });

  it('refuses a header block that is too large, and does not wait for a body', async () => {
    await withServer(metricsRoutes(createMetrics()), async (_origin, port) => {
      assert.match(await exchange(port, `GET /metrics HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(9000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
      assert.match(
        await exchange(port, 'GET /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n'),
        /^HTTP\/1\.1 404 .*\r\nconnection: close/is,
      );
    });
  });

  it('rejects when its address is taken', async () => {
    await withServer(new Map(), async (_origin, port) => {
      await assert.rejects(openAdminServer({ address: { host: '127.0.0.1', port }, routes: new Map() }), { code: 'EADDRINUSE' });
    });
  });
});
