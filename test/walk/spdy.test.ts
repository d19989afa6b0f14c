import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RawConnection } from '../dangers/raw-client.ts';
import { connectRaw, requestText } from '../dangers/raw-client.ts';
import type { House } from './house.ts';
import { openHouse } from './house.ts';

const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n';
const offer = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'X-Stream-Protocol-Version: v4.channel.k8s.io'];

/** `kubectl exec`, as far as the way through goes. */
describe('an upgrade to SPDY', () => {
  let house: House;
  let server: Server;
  let received = '';
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => void socket.write(`${switched}server`));
      socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const to = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const open = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
routes:
  - {from: https://cluster.postern.test, to: "${to}", ${open}, allow_spdy: true}
  - {from: https://sockets.postern.test, to: "${to}", ${open}, allow_websockets: true}
  - {from: https://closed.postern.test, to: "${to}", policy: {allow: {or: [reject: true]}}, allow_spdy: true}
`,
    });
  });

  beforeEach(() => (received = ''));

  after(async () => {
    await house[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function exec(host: string, lines: readonly string[], early = ''): Promise<RawConnection> {
    const connection = await connectRaw(house, { sni: `${host}.postern.test` });
    connection.write(requestText(['POST /exec?command=sh HTTP/1.1', `Host: ${host}.postern.test:${house.port}`, ...lines], early));
    return connection;
  }

  it('becomes a tunnel where the route allows it', async () => {
    using connection = await exec('cluster', [...offer, 'Content-Length: 0'], 'early');
    const answer = await connection.answer();
    assert.deepEqual([answer?.status, /^Upgrade: SPDY\/3\.1$/m.test(answer?.head ?? '')], [101, true]);
    connection.write('later');
    connection.socket.end();
    assert.equal(await connection.rest(), 'server');
    assert.match(received, /^POST \/exec\?command=sh HTTP\/1\.1\r\n.*\r\n\r\nearlylater$/s);
    assert.match(received, /\r\nupgrade: SPDY\/3\.1\r\n/i);
  });

  for (const [host, what] of [
    ['sockets', 'a route that allows WebSockets alone'],
    ['closed', 'a route that lets nobody in'],
  ] as const) {
    it(`is refused by ${what}, with not a byte sent on`, async () => {
      using connection = await exec(host, offer, 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.equal((await connection.answer())?.status, 403);
      assert.equal(await connection.rest(), '', 'the socket is closed');
      assert.equal(received, '');
    });
  }

  it('does not make WebSockets of what is no WebSocket', async () => {
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
    using connection = await connectRaw(house, { sni: 'cluster.postern.test' });
    connection.write(requestText(['GET / HTTP/1.1', `Host: cluster.postern.test:${house.port}`, ...lines]));
    assert.equal((await connection.answer())?.status, 403);
    assert.equal(received, '');
  });
});
