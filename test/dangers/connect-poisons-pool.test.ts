import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { askRaw, connectRaw, requestText } from './raw-client.ts';
import type { Fields } from './raw-http2.ts';
import { askForged } from './raw-http2.ts';

const host = 'Host: public.postern.test';
const hidden = requestText(['GET /hidden HTTP/1.1', host]);

/**
 * A CONNECT with a body, sent over a connection to the upstream that others use afterwards: the upstream reads the body as a request,
 * and whoever comes next gets the answer to it (Traefik CVE-2026-71324, Envoy CVE-2025-64763).
 */
describe('a CONNECT in front of a pool of connections', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let seen: string[] = [];

  before(async () => {
    upstream = await openUpstream(({ method, url }, response) => {
      seen.push(`${method} ${url}`);
      response.end(`answer to ${url}`);
    });
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, allow_websockets: true}]`,
    });
  });

  beforeEach(() => {
    seen = [];
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const overTwo: readonly (readonly [what: string, fields: Fields])[] = [
    [
      'to the host',
      [
        [':method', 'CONNECT'],
        [':authority', 'public.postern.test:443'],
      ],
    ],
    [
      'to the host without a port',
      [
        [':method', 'CONNECT'],
        [':authority', 'public.postern.test'],
      ],
    ],
    [
      'to the upstream',
      [
        [':method', 'CONNECT'],
        [':authority', '127.0.0.1:80'],
      ],
    ],
    [
      'with a length',
      [
        [':method', 'CONNECT'],
        [':authority', 'public.postern.test:443'],
        ['content-length', String(hidden.length)],
      ],
    ],
    [
      'with a path',
      [
        [':method', 'CONNECT'],
        [':scheme', 'https'],
        [':authority', 'public.postern.test'],
        [':path', '/x'],
      ],
    ],
    [
      'with a protocol',
      [
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
        [':scheme', 'https'],
        [':authority', 'public.postern.test'],
        [':path', '/x'],
        ['sec-websocket-version', '13'],
      ],
    ],
    [
      'in another case',
      [
        [':method', 'Connect'],
        [':scheme', 'https'],
        [':authority', 'public.postern.test'],
        [':path', '/x'],
        ['connection-hidden', 'x'],
      ],
    ],
  ];

  for (const [what, fields] of overTwo) {
    it(`reaches no upstream over HTTP/2 ${what}, and everybody gets their own answer`, async () => {
      await assertOwnAnswers();
      const outcome = await askForged(house, fields, { body: hidden });
      assert.ok(outcome === 'reset' || outcome === 'closed' || (outcome >= 400 && outcome < 500), `${outcome}`);
      await assertOwnAnswers();
    });
  }

  const overOne: readonly (readonly string[])[] = [
    ['CONNECT public.postern.test:443 HTTP/1.1', 'Host: public.postern.test:443'],
    ['CONNECT public.postern.test:443 HTTP/1.1', 'Host: public.postern.test:443', `Content-Length: ${hidden.length}`],
    ['CONNECT /x HTTP/1.1', host, 'Transfer-Encoding: chunked'],
    ['CONNECT 127.0.0.1:80 HTTP/1.1', host, 'Connection: keep-alive'],
  ];
  for (const lines of overOne) {
    it(`reaches no upstream over HTTP/1.1: ${lines.join(', ')}`, async () => {
      await assertOwnAnswers();
      using connection = await connectRaw(house);
      connection.write(requestText(lines, hidden));
      assert.equal((await connection.answer())?.status, 400);
      connection.write(hidden);
      assert.equal(await connection.rest(), '', 'nothing is read after it');
      await assertOwnAnswers();
    });
  }

  async function assertOwnAnswers(): Promise<void> {
    const paths = ['/one', '/two', '/three'];
    const answers = await Promise.all(paths.map((path) => askRaw(house, requestText([`GET ${path} HTTP/1.1`, host]))));
    assert.deepEqual(
      answers.map((answer) => answer?.body),
      paths.map((path) => `answer to ${path}`),
    );
    assert.deepEqual(
      seen.filter((line) => !/^GET \/(?:one|two|three)$/.test(line)),
      [],
    );
  }
});
