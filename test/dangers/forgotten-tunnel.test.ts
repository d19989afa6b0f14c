import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { numOpenSockets } from 'http-proxy-3';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Socket } from '../walk/web-socket.ts';
import { dial, openSocketUpstream } from '../walk/web-socket.ts';

/** The library that tunnels keeps a list of its sockets for the life of the process: a half that is never told to have ended stays on it. */
describe('a WebSocket that is over', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  const arrived: Socket[] = [];

  before(async () => {
    upstream = await openSocketUpstream((socket) => {
      arrived.push(socket);
      socket.on('error', () => undefined);
      socket.on('message', (data) => socket.send(data));
    });
    house = await openHouse({
      config: `routes: [{from: https://socket.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true, allow_websockets: true}]`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const [how, end] of [
    ['closed by the client', (client: Socket) => client.close()],
    ['cut by the client', (client: Socket) => client.terminate()],
    ['closed by the upstream', () => arrived.at(-1)?.close()],
    ['cut by the upstream', () => arrived.at(-1)?.terminate()],
  ] as const) {
    it(`leaves nothing behind, ${how}`, async () => {
      const dialled = await dial(house, 'socket.postern.test');
      assert.ok(dialled.kind === 'open');
      const { socket } = dialled;
      const echoed = new Promise<void>((resolve) => socket.once('message', () => resolve()));
      socket.send('hello');
      await echoed;
      assert.equal(numOpenSockets(), 2);
      end(socket);
      const deadline = Date.now() + 5000;
      while (numOpenSockets() > 0) {
        assert.ok(Date.now() < deadline, `${numOpenSockets()} are still on the list`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  }
});
