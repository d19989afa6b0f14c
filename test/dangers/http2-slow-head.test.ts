import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { headerSection, preface, request, untilLogged } from './http2-flood.ts';
import { connectTls } from './raw-client.ts';
import { frame } from './raw-http2.ts';
import { trickle } from './slow-client.ts';

/** While a stream is open the time of an idle connection does not run, and Node tells nothing of a header section before its end. */
describe('a later HTTP/2 header section that does not come to its end', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  const held: ServerResponse[] = [];
  const targets: string[] = [];

  before(async () => {
    upstream = await openUpstream((incoming, response) => {
      targets.push(incoming.url ?? '');
      response.write('begun ');
      held.push(response);
    });
    house = await openHouse({
      config: `routes: [{name: public, from: https://public.postern.test, to: '${upstream.url}', allow_public_unauthenticated_access: true}]`,
      limits: { headMs: 300, checkEveryMs: 50, lingerMs: 100 },
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const [what, goesOn] of [
    ['goes on byte by byte', Buffer.alloc(4_000)],
    ['stops', Buffer.alloc(0)],
  ] as const) {
    it(`ends the connection when it ${what}, after the streams that are open`, { timeout: 10_000 }, async () => {
      const socket = await connectTls(house, { alpn: ['h2'] });
      const frames = readFrames(socket);
      socket.write(Buffer.concat([preface, request(1, '/first')]));
      await frames.until(0);
      const section = frame(1, 0x4, 3, Buffer.concat([headerSection('/second'), Buffer.alloc(4_000)]));
      socket.write(section.subarray(0, 40));
      const over = trickle(socket, goesOn);
      await frames.until(7);
      assert.equal(socket.closed, false);
      held.pop()?.end('and whole');
      await over;
      assert.match(frames.text(), /begun and whole/);
      assert.deepEqual(
        targets.filter((target) => target.includes('second')),
        [],
      );
      await untilLogged(house, 'slow-head');
    });
  }
});

function readFrames(socket: TLSSocket): { until(type: number): Promise<void>; text(): string } {
  let pending = Buffer.alloc(0);
  let text = '';
  const seen = new Set<number>();
  let wake: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const payload = pending.subarray(9, 9 + pending.readUIntBE(0, 3));
      const type = pending[3] ?? 0;
      if (type === 0) text += payload.toString('latin1');
      seen.add(type);
      pending = pending.subarray(9 + payload.length);
    }
    wake?.();
  });
  return {
    async until(type) {
      while (!seen.has(type)) await new Promise<void>((resolve) => (wake = resolve));
    },
    text: () => text,
  };
}
