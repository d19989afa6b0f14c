import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { ask, openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

/** An expression that is looked for again behind each match may read the rest of the path each time: 100 KB of it held everybody up for minutes. */
describe('a path made for an expression that rewrites it', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const open = `to: ${upstream.url}, allow_public_unauthenticated_access: true`;
    house = await openHouse({
      config: `
routes:
  - {from: https://path.postern.test, ${open}, regex_rewrite_pattern: '/v1(.*/old)?', regex_rewrite_substitution: /v2}
  - {from: https://host.postern.test, ${open}, host_path_regex_rewrite_pattern: '/v1(.*/old)?', host_path_regex_rewrite_substitution: x}
`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('is refused before it takes long', async () => {
    const { status } = await ask(house, `https://path.postern.test${'/v1'.repeat(30_000)}`);
    assert.deepEqual([status, upstream.bytes()], [400, '']);
  });

  it('makes no host', async () => {
    const { status } = await ask(house, `https://host.postern.test${'/v1'.repeat(30_000)}`);
    const [, host] = /^host: (.*)\r$/im.exec(upstream.bytes()) ?? [];
    assert.deepEqual([status, host], [200, new URL(upstream.url).host]);
  });

  it('is rewritten where it is as long as paths are', async () => {
    upstream.clear();
    assert.equal((await ask(house, `https://path.postern.test${'/v1/app'.repeat(20)}/page`)).status, 200);
    assert.match(upstream.bytes(), /^GET (?:\/v2\/app){20}\/page HTTP\/1\.1\r\n/);
  });
});
