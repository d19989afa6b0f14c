import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FloodHouse } from './http2-flood.ts';
import { assertHarmless, flood, headerSection, number, openFloodHouse, request, untilLogged } from './http2-flood.ts';
import { frame } from './raw-http2.ts';

const timely = { timeout: 20_000 };
const nothing = Buffer.alloc(0);
const times = (bytes: Buffer, count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));

type Vector = readonly [what: string, opening: Buffer, frames: Buffer];

const openPost = frame(1, 0x4, 1, headerSection('/never', 'POST'));

// oxfmt-ignore
const vectors: readonly Vector[] = [
  ['PING (CVE-2019-9512)',                         nothing,         frame(6, 0, 0, Buffer.alloc(8))],
  ['answers to PINGs that nobody sent',            nothing,         frame(6, 1, 0, Buffer.alloc(8))],
  ['empty SETTINGS (CVE-2019-9515)',               nothing,         frame(4, 0, 0, nothing)],
  ['SETTINGS that change the window',              nothing,         frame(4, 0, 0, Buffer.of(0, 4, 0, 1, 0, 0))],
  ['PRIORITY of a stream to come (CVE-2019-9513)', nothing,         frame(2, 0, 3, Buffer.of(0, 0, 0, 0, 1))],
  ['PRIORITY of a stream that is over',            request(1, '/'), frame(2, 0, 1, Buffer.of(0, 0, 0, 0, 1))],
  ['WINDOW_UPDATE of the connection',              nothing,         frame(8, 0, 0, number(1))],
  ['WINDOW_UPDATE of a stream that is over',       request(1, '/'), frame(8, 0, 1, number(1))],
  ['frames of an unknown type',                    nothing,         frame(0x77, 0, 0, Buffer.alloc(32))],
  ['empty DATA (CVE-2019-9518)',                   openPost,        frame(0, 0, 1, nothing)],
  ['DATA that is padding only',                    openPost,        frame(0, 8, 1, Buffer.concat([Buffer.of(255), Buffer.alloc(255)]))],
  ['RST_STREAM of streams that are over',          request(1, '/'), frame(3, 0, 1, number(8))],
];

/** Frames that cost their sender nothing and are no part of any request. */
describe('an HTTP/2 connection over which nothing comes but', () => {
  let street: FloodHouse;

  before(async () => {
    street = await openFloodHouse();
  });

  after(() => street[Symbol.asyncDispose]());

  for (const [what, opening, one] of vectors) {
    // A few at a time, the library's queue of answers never fills.
    for (const count of [2_000, 50]) {
      it(`${what}, ${count} at a time, is ended, and nobody else notices`, timely, async () => {
        const piece = times(one, count);
        assertHarmless(await flood(street.house, opening, () => piece), { bytes: 64 * 1024 * 1024 });
      });
    }
  }

  it('such frames is in the log and in the metrics by its reason', timely, async () => {
    await untilLogged(street.house, 'http2-flood');
    await untilLogged(street.house, 'http2-error');
  });

  it('such frames has nothing of it forwarded but requests that were whole', () => {
    assert.doesNotMatch(street.upstream.bytes(), /never HTTP[^]*?\r\n\r\n./);
  });
});
