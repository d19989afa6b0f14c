import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { UpstreamSettings } from '../../src/config/action-settings.ts';
import type { PoolOptions } from '../../src/upstream/create-pool.ts';
import { createPool, poolKey } from '../../src/upstream/create-pool.ts';
import { plainTls, publicRoots } from '../../src/upstream/upstream-tls.ts';
import { inboundOf } from './example-request.ts';
import { failureCode, forward, poolTo, routeOf } from './forwarding.ts';
import { emptyAnswer, openRawUpstream } from './raw-upstream.ts';

function weighted(...entries: readonly (readonly [url: string, weight: number])[]): readonly UpstreamSettings[] {
  return entries.map(([url, weight]) => ({ url: new URL(url), weight }));
}

describe('createPool()', () => {
  it('takes its endpoints in turn', async () => {
    await using pool = poolTo(new URL('http://a.example'), new URL('https://b.example:8443/base/'), new URL('unix:///run/app.sock'));
    assert.deepEqual(
      [1, 2, 3, 4].map(() => pool.choose()).map(({ host, target }) => ({ host, kind: target.kind })),
      [
        { host: 'a.example', kind: 'tcp' },
        { host: 'b.example:8443', kind: 'tls' },
        { host: 'localhost', kind: 'unix' },
        { host: 'a.example', kind: 'tcp' },
      ],
    );
  });

  it('takes those of more weight more often, and spreads them', async () => {
    await using pool = createPool({ to: weighted(['http://a', 5], ['http://b', 1], ['http://c', 1]), tls: plainTls });
    assert.equal(Array.from({ length: 14 }, () => pool.choose().host).join(''), 'aabacaaaabacaa');
  });

  it('has one key for equal settings and another for each that differs', () => {
    const options: PoolOptions = { to: weighted(['http://a.example', 1]), tls: plainTls };
    const authority = 'one';
    const others: readonly PoolOptions[] = [
      { ...options, connectTimeoutMs: 1000 },
      { ...options, to: weighted(['http://a.example', 2]) },
      { ...options, to: weighted(['http://a.example', 1], ['http://a.example', 1]) },
      { ...options, tls: { ...plainTls, skipVerify: true } },
      { ...options, tls: { ...plainTls, serverName: 'a.example' } },
      { ...options, tls: { ...plainTls, roots: { kind: 'only', authorities: [authority] } } },
      { ...options, tls: { ...plainTls, roots: { kind: 'public', further: [authority] } } },
      { ...options, tls: { ...plainTls, client: { certificatePem: authority, keyPem: 'key 1' } } },
      { ...options, tls: { ...plainTls, client: { certificatePem: authority, keyPem: 'key 2' } } },
    ];
    const same: PoolOptions = {
      to: weighted(['http://a.example/', 1]),
      tls: { ...plainTls, roots: { ...publicRoots } },
      connectTimeoutMs: 10_000,
    };
    assert.equal(poolKey(options), poolKey(same));
    const keys = [options, ...others].map(poolKey);
    assert.equal(new Set(keys).size, keys.length);
    assert.doesNotMatch(keys.join(), /key [12]/);
  });

  it('names no server to the TLS of an IP literal, whichever of the two names is one', async () => {
    for (const [url, serverName, expected] of [
      ['https://[::1]:8443', undefined, ''],
      ['https://a.example', '10.0.0.1', ''],
      ['https://10.0.0.1', 'a.example', 'a.example'],
      ['https://a.example', undefined, 'a.example'],
    ] as const) {
      await using pool = createPool({ to: weighted([url, 1]), tls: { ...plainTls, serverName } });
      const { target } = pool.choose();
      assert.equal(target.kind === 'tls' ? target.tls.servername : undefined, expected);
    }
  });

  it('waits for requests in flight before it is gone, and takes no others', async () => {
    const asked = Promise.withResolvers<Socket>();
    await using upstream = await openRawUpstream((socket) => asked.resolve(socket));
    const pool = poolTo(upstream.url);
    const run = forward(routeOf(pool), inboundOf());
    const socket = await asked.promise;
    const gone = pool[Symbol.asyncDispose]();
    assert.equal(await failureCode(forward(routeOf(pool), inboundOf())), 'internal');
    socket.write(emptyAnswer);
    assert.equal(await failureCode(run), 'done 200 whole');
    await gone;
  });

  it('refuses an empty list, a scheme it can’t speak, a weight that is none and an empty list of authorities', () => {
    assert.throws(() => poolTo(), RangeError);
    assert.throws(() => poolTo(new URL('ftp://a.example')), /Cannot forward to ftp:\/\/a\.example.*expected http/);
    assert.throws(() => createPool({ to: weighted(['http://a', 1], ['http://b', 0]), tls: plainTls }), RangeError);
    for (const authorities of [[], ['']]) {
      const tls = { ...plainTls, roots: { kind: 'only', authorities } } as const;
      assert.throws(() => createPool({ to: weighted(['https://a', 1]), tls }), RangeError);
    }
  });
});
