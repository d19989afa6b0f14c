import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { fieldsAt } from './request-head.ts';

/** Requests that are too much, or whose names mean something to JavaScript: refused whole, never cut to size, and the process lives on. */
describe('a flood of header fields', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}]`,
    });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const head = ['GET /page HTTP/1.1', 'Host: public.postern.test'];

  // Above the limits by so much that no way of counting lets them through.
  const floods: readonly (readonly [what: string, lines: readonly string[]])[] = [
    ['1,100 fields', [...head, ...many(1_100, (index) => `X-${index}: a`)]],
    ['one field 1,100 times', [...head, ...many(1_100, () => 'X-A: a')]],
    ['1,100 cookies', [...head, ...many(1_100, (index) => `Cookie: c${index}=1`)]],
    ['150 KB in one value', [...head, `X-A: ${'a'.repeat(150_000)}`]],
    ['150 KB in one name', [...head, `X-${'a'.repeat(150_000)}: a`]],
    ['150 KB in many values', [...head, ...many(150, (index) => `X-${index}: ${'a'.repeat(1_000)}`)]],
    ['150 KB of target', [`GET /${'a'.repeat(150_000)} HTTP/1.1`, ...head.slice(1)]],
    ['150 KB of cookie', [...head, `Cookie: ${many(12_000, (index) => `c${index}=12345`).join('; ')}`]],
  ];

  for (const [what, lines] of floods) {
    it(`is refused: ${what}`, async () => {
      assert.equal((await askRaw(house, requestText(lines)))?.status, 431);
      assert.equal(upstream.bytes(), '');
      assert.equal((await askRaw(house, requestText(head)))?.status, 200, 'and the next one is served');
    });
  }

  it('is refused over HTTP/2', async () => {
    const target: [string, string][] = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'public.postern.test'],
      [':path', '/page'],
    ];
    for (const fields of [many(1_100, (index) => `x-${index}`), many(1_100, () => 'x-a')]) {
      const session = await connectTwo(house);
      const answer = await askTwo(session, [...target, ...fields.map((name): [string, string] => [name, 'a'])]);
      session.destroy();
      assert.ok(answer.status === 431 || answer.status === undefined, `${answer.status}`);
    }
    assert.equal(upstream.bytes(), '');
    const session = await connectTwo(house);
    assert.equal((await askTwo(session, target)).status, 200);
    session.destroy();
  });

  it('is none below the limits, and then arrives whole', async () => {
    const lines = many(900, (index) => `X-${index}: ${'a'.repeat(50)}`);
    assert.equal((await askRaw(house, requestText([...head, ...lines])))?.status, 200);
    assert.equal(fieldsAt(upstream).filter(([name]) => /^x-\d+$/.test(name)).length, 900);
  });

  it('may have names that are properties of every object', async () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
    for (const name of names) {
      upstream.clear();
      const answer = await askRaw(house, requestText([...head, `${name}: a`, `${name}: b`]));
      assert.equal(answer?.status, name.includes('_') ? 400 : 200, name);
      assert.deepEqual(
        fieldsAt(upstream)
          .filter(([each]) => each === name.toLowerCase())
          .map(([, value]) => value),
        name.includes('_') ? [] : ['a', 'b'],
      );
    }
    const cookies = names.map((name) => `${name}=1`).join('; ');
    assert.equal((await askRaw(house, requestText([...head, `Cookie: ${cookies}`])))?.status, 200);
  });
});

function many(count: number, line: (index: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, index) => line(index));
}
