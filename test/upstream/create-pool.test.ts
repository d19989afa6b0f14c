import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createPool } from '../../src/upstream/create-pool.ts';
import { inboundOf } from './example-request.ts';
import { failureCode, forward, routeOf } from './forwarding.ts';
import { emptyAnswer, openRawUpstream } from './raw-upstream.ts';

describe('createPool()', () => {
  it('takes its endpoints in turn', async () => {
    await using pool = createPool({
      to: [new URL('http://a.example'), new URL('https://b.example:8443/base/'), new URL('unix:///run/app.sock')],
    });
    assert.deepEqual(
      [1, 2, 3, 4].map(() => pool.choose()).map(({ host, basePath, target }) => ({ host, basePath, target })),
      [
        { host: 'a.example', basePath: '', target: { kind: 'tcp', hostname: 'a.example', port: 80 } },
        { host: 'b.example:8443', basePath: '/base', target: { kind: 'tls', hostname: 'b.example', port: 8443, servername: 'b.example' } },
        { host: 'localhost', basePath: '', target: { kind: 'unix', socketPath: '/run/app.sock' } },
        { host: 'a.example', basePath: '', target: { kind: 'tcp', hostname: 'a.example', port: 80 } },
      ],
    );
  });

  it('has one key for equal settings and another for others', async () => {
    await using first = createPool({ to: [new URL('http://a.example')] });
    await using same = createPool({ to: [new URL('http://a.example/')], connectTimeoutMs: 10_000 });
    await using other = createPool({ to: [new URL('http://a.example')], connectTimeoutMs: 1000 });
    assert.deepEqual([first.key === same.key, first.key === other.key], [true, false]);
  });

  it('names no server to the TLS of an IP literal', async () => {
    await using pool = createPool({ to: [new URL('https://[::1]:8443')] });
    assert.deepEqual(pool.choose().target, { kind: 'tls', hostname: '::1', port: 8443, servername: '' });
  });

  it('waits for requests in flight before it is gone, and takes no others', async () => {
    const asked = Promise.withResolvers<Socket>();
    await using upstream = await openRawUpstream((socket) => asked.resolve(socket));
    const pool = createPool({ to: [upstream.url] });
    const run = forward(routeOf(pool), inboundOf());
    const socket = await asked.promise;
    const gone = pool[Symbol.asyncDispose]();
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'internal');
    socket.write(emptyAnswer);
    assert.equal(await failureCode(run), 'done 200 whole');
    await gone;
  });

  it('refuses an empty list and a scheme it can’t speak', () => {
    assert.throws(() => createPool({ to: [] }), RangeError);
    assert.throws(() => createPool({ to: [new URL('ftp://a.example')] }), /Cannot forward to ftp:\/\/a\.example.*expected http/);
  });
});
