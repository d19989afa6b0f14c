import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { explained } from './explained.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askForged } from './raw-http2.ts';

/**
 * A path that is harmless as it was judged becomes another one when a piece of it is cut off or replaced (Traefik CVE-2025-66490,
 * CVE-2026-40912): what comes out must stay in the place that the route leads to.
 */
describe('a path that climbs out when it is rewritten', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    const open = 'allow_public_unauthenticated_access: true';
    house = await openHouse({
      config: `
routes:
  - {from: https://prefix.postern.test, to: ${upstream.url}, prefix: /app, prefix_rewrite: /base/, ${open}}
  - {from: https://root.postern.test, to: ${upstream.url}, prefix: /app/, prefix_rewrite: /, ${open}}
  - {from: https://below.postern.test, to: ${upstream.url}/tenant/, ${open}}
  - {from: https://cut.postern.test, to: ${upstream.url}, regex_rewrite_pattern: '^/cut/(.*)-(.*)$', regex_rewrite_substitution: '/files/\\1/\\2', ${open}}
  - {from: https://remove.postern.test, to: ${upstream.url}, regex_rewrite_pattern: 'x', regex_rewrite_substitution: '', ${open}}
`,
    });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** The target that the upstream gets, or the status of the refusal. */
  const vectors: Readonly<Record<string, readonly (readonly [target: string, outcome: string | number])[]>> = {
    prefix: [
      ['/app/x', '/base/x'],
      ['/app../secret', 400],
      ['/app..', 400],
      ['/app.', 400],
      ['/app./x', 400],
      ['/app%2e%2e/secret', 400],
      ['/app%2E./secret', 400],
      ['/app/../secret', 404],
      ['/app/x/../../secret', 404],
      ['/app..%2fsecret', 400],
      ['/app..%5csecret', 400],
      ['/app%2f..%2fsecret', 400],
      ['/app..;/secret', '/base/..;/secret'],
      ['/app...', '/base/...'],
      ['/app%252e%252e/secret', '/base/%252e%252e/secret'],
      ['/app//evil.example/x', '/base/evil.example/x'],
      ['/app?/../secret', '/base/?/../secret'],
    ],
    root: [
      ['/app//evil.example/', '/evil.example/'],
      ['/app/%2fevil.example/', 400],
      ['/app/..', 404],
      ['/app/..app/x', '/..app/x'],
      ['/app/https://evil.example/', '/https:/evil.example/'],
    ],
    below: [
      ['/x', '/tenant/x'],
      ['/../other/x', '/tenant/other/x'],
      ['/%2e%2e/other/x', '/tenant/other/x'],
      ['/..%2fother/x', 400],
      ['/..', '/tenant/'],
      ['//other', '/tenant/other'],
    ],
    cut: [
      ['/cut/a-b', '/files/a/b'],
      ['/cut/..-etc', 400],
      ['/cut/a-..', 400],
      ['/cut/.-.', 400],
      ['/cut/%2e%2e-etc', 400],
      ['/cut/-/evil', '/files/evil'],
      ['/cut/..%3b-etc', '/files/..%3B/etc'],
    ],
    remove: [
      ['/.x./secret', 400],
      ['/x./secret', 400],
      ['/.x', 400],
      ['/a/..x/secret', 400],
      ['/%x2e', 400],
      ['/%2x', 400],
      ['/%252x5', '/%2525'],
      ['/ax/xb', '/a/b'],
    ],
  };

  for (const [name, rows] of Object.entries(vectors)) {
    for (const [target, outcome] of rows) {
      it(`stays inside on ${name}: ${target}`, async () => {
        const host = `${name}.postern.test`;
        const one = await askRaw(house, requestText([`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close']), { sni: host });
        const overOne = arrived(one?.status);
        upstream.clear();
        const fields = [
          [':method', 'GET'],
          [':scheme', 'https'],
          [':authority', host],
          [':path', target],
        ] as const;
        const two = await askForged(house, fields, { sni: host });
        const overTwo = arrived(two === 'reset' ? 400 : Number(two));
        const { status, upstream: sent } = await explained(house, 'GET', `https://${host}${target}`);
        const told = sent === null ? status : sent.url.slice(upstream.url.length);
        assert.deepEqual({ overOne, overTwo, told }, { overOne: outcome, overTwo: outcome, told: outcome });
      });
    }
  }

  function arrived(status: number | undefined): string | number | undefined {
    const target = /^GET (\S+) HTTP\/1\.1\r\n/.exec(upstream.bytes())?.[1];
    if (status === 200 && target !== undefined) return target;
    assert.equal(upstream.bytes(), '');
    return status;
  }
});
