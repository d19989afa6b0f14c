import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { before, describe, it } from 'node:test';
import type { ListenerLimits } from '../../src/listener/listener-limits.ts';
import { askHttp2, connectHttp2 } from './http2-client.ts';
import { connectTls, exchangePlain, exchangeRaw, readToEnd, readUntil, startTls } from './raw-client.ts';
import type { TestListener, TestListenerOptions, TestPki } from './start-listener.ts';
import { makeGroups, makePki, startListener } from './start-listener.ts';

const timely = { timeout: 10_000 };
const head = 'Host: plain.test\r\n';
const whole = `GET / HTTP/1.1\r\n${head}\r\n`;
const last = `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`;

describe('ConnectionGate', () => {
  let pki: TestPki;

  before(async () => {
    pki = await makePki();
  });

  function open(options: Partial<TestListenerOptions>): Promise<TestListener> {
    return startListener({ groups: makeGroups(pki, [['plain.test', 'none']]), ...options });
  }

  it('closes what is above the limit of all, handshakes included, and serves again when one is gone', timely, async () => {
    await using server = await open({ connectionLimits: () => ({ max: 2, perPeer: 0 }) });
    const silent = await dial(server.port);
    const secure = await connectTls(server.port);
    await refused(await dial(server.port));
    assert.deepEqual(server.refused, ['connections 127.0.0.1']);
    secure.write(whole);
    await readUntil(secure, /plain\.test\/$/);
    silent.destroy();
    await until(() => server.outcomes.length === 2);
    assert.match(await exchangeRaw(server.port, last), /^HTTP\/1\.1 200 /);
    assert.equal(server.refused.length, 1);
    secure.destroy();
  });

  it('follows a limit that changes, and knows none at 0', timely, async () => {
    let max = 1;
    await using server = await open({ connectionLimits: () => ({ max, perPeer: 0 }) });
    const first = await dial(server.port);
    await refused(await dial(server.port));
    max = 0;
    const more = await Promise.all(Array.from({ length: 20 }, () => connectTls(server.port)));
    assert.equal(server.refused.length, 1);
    for (const socket of [first, ...more]) socket.destroy();
  });

  for (const [door, options] of [
    ['TLS', {}],
    ['plain HTTP', { insecure: true }],
  ] as const) {
    it(`closes what is above the limit of one peer, over ${door}, and no other peer notices`, timely, async () => {
      await using server = await open({ ...options, connectionLimits: () => ({ max: 0, perPeer: 2 }), addresses: both });
      const ports = server.listener.addresses.map(({ port }) => port);
      const sockets = [await dial(ports[0] ?? 0), await dial(ports[0] ?? 0)];
      await refused(await dial(ports[0] ?? 0));
      sockets.push(await dial(ports[1] ?? 0, '::1'));
      assert.deepEqual(server.refused, ['peer 127.0.0.1']);
      for (const socket of sockets) socket.destroy();
    });
  }

  it('counts whom a PROXY header names, and not the proxy', timely, async () => {
    for (const insecure of [true, false]) {
      await using server = await open({ insecure, proxyProtocol: true, connectionLimits: () => ({ max: 0, perPeer: 1 }) });
      const from = async (address: string): Promise<Socket> => {
        const socket = await dial(server.port);
        socket.write(`PROXY TCP${address.includes(':') ? 6 : 4} ${address} ${address.includes(':') ? '::1' : '192.0.2.1'} 1 1\r\n`);
        return socket;
      };
      const served = async (socket: Socket): Promise<Socket> => {
        const client = insecure ? socket : await startTls(socket);
        client.write(whole);
        await readUntil(client, /plain\.test\/$/);
        return client;
      };
      const clients = [
        await served(await from('192.0.2.7')),
        await served(await from('192.0.2.8')),
        await served(await from('2001:db8::1')),
      ];
      await refused(await from('192.0.2.7'));
      await refused(await from('2001:db8::ffff:2'));
      assert.deepEqual(server.refused, ['peer 192.0.2.7', 'peer 2001:db8::ffff:2']);
      clients[0]?.destroy();
      await until(() => server.counts.at(-1) === 2);
      clients.push(await served(await from('192.0.2.7')));
      for (const client of clients) client.destroy();
    }
  });

  it('counts connections that are sent to https:// with all others', timely, async () => {
    await using server = await open({ redirects: true, connectionLimits: () => ({ max: 0, perPeer: 2 }) });
    const silent = [await dial(server.redirectPort), await dial(server.port)];
    await refused(await dial(server.redirectPort));
    await refused(await dial(server.port));
    for (const socket of silent) socket.destroy();
    await until(() => server.counts.at(-1) === 0);
    assert.match(await exchangePlain(server.redirectPort, last), /^HTTP\/1\.1 301 /);
  });

  const unfinished: Partial<ListenerLimits> = { maxUnfinished: 3, unfinishedGraceMs: 100 };

  it('closes the oldest of too many that do not finish their handshake, and leaves those that did', timely, async () => {
    await using server = await open({ limits: unfinished });
    const done = await connectTls(server.port);
    const oldest = await dial(server.port);
    const others = [await dial(server.port), await dial(server.port)];
    await until(() => server.counts.length === 1);
    // Not yet, for the others have just come as well.
    await refused(await dial(server.port));
    await new Promise((resolve) => setTimeout(resolve, 110));
    const latest = await connectTls(server.port);
    await refused(oldest);
    assert.deepEqual(server.refused, ['handshakes 127.0.0.1', 'handshakes 127.0.0.1']);
    for (const socket of [done, latest]) {
      socket.write(whole);
      await readUntil(socket, /plain\.test\/$/);
    }
    assert.deepEqual(
      others.map(({ closed }) => closed),
      [false, false],
    );
    for (const socket of [done, latest, ...others]) socket.destroy();
  });

  it('does the same without TLS for those that send nothing', timely, async () => {
    await using server = await open({ insecure: true, limits: { ...unfinished, unfinishedGraceMs: 0 } });
    const silent = [];
    for (let count = 0; count < 3; count += 1) silent.push(await dial(server.port));
    assert.match(await exchangePlain(server.port, last), /^HTTP\/1\.1 200 /);
    assert.deepEqual(server.refused, ['handshakes 127.0.0.1']);
    for (const socket of silent) socket.destroy();
  });

  it('closes connections whose descriptor is one of the last', timely, async () => {
    await using server = await open({ maxDescriptors: 1 });
    // So few that every connection is one too many.
    await refused(await dial(server.port));
    assert.deepEqual(server.refused, ['descriptors 127.0.0.1']);
  });

  it('ends idle connections of both protocols for others to have room', timely, async () => {
    await using server = await open({ connectionLimits: () => ({ max: 3, perPeer: 0 }) });
    const idle = await connectTls(server.port);
    idle.write(whole);
    await readUntil(idle, /plain\.test\/$/);
    const session = connectHttp2(server.port);
    assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
    const fresh: TLSSocket = await connectTls(server.port);
    const [idleEnds, sessionEnds] = [once(idle.resume(), 'close'), once(session, 'close')];
    await refused(await dial(server.port));
    await Promise.all([idleEnds, sessionEnds]);
    fresh.write(whole);
    await readUntil(fresh, /plain\.test\/$/);
    await until(() => server.counts.at(-1) === 1);
    assert.match(await exchangeRaw(server.port, last), /^HTTP\/1\.1 200 /);
    fresh.destroy();
  });
});

const both = [
  { host: '127.0.0.1', port: 0 },
  { host: '::1', port: 0 },
];

/** A TCP connection, or what is left of one that was reset at once. */
function dial(port: number, host: string = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  return new Promise((resolve) => {
    socket.on('error', () => resolve(socket));
    socket.once('connect', () => resolve(socket));
  });
}

/** Ended by the other side, without an answer. */
async function refused(socket: Socket): Promise<void> {
  assert.equal(socket.closed ? '' : await readToEnd(socket), '');
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
