import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import type { RawConnection } from './raw-client.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

const host = 'Host: public.postern.test';
const hidden = requestText(['GET /hidden HTTP/1.1', host]);

/**
 * Requests that are sound, with a body that looks like another request ("TE.0 / CL.0"): the upstream counts exactly one for each,
 * and everybody gets their own answer.
 */
describe('a request inside the body of another', () => {
  let house: House;
  let upstream: AsyncDisposable & { readonly url: string };
  let seen: string[] = [];

  before(async () => {
    upstream = await openUpstream((request, response) => {
      const { method = '', url = '' } = request;
      // Answers before it has read a body, as applications do that do not care for it.
      if (url === '/early') {
        seen.push(`${method} ${url}`);
        response.end(`answer to ${url}`);
        return;
      }
      let body = '';
      request.setEncoding('latin1').on('data', (part: string) => (body += part));
      request.on('end', () => {
        seen.push(`${method} ${url} ${body.length}`);
        response.end(`answer to ${url}`);
      });
    });
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}]`,
    });
  });

  beforeEach(() => {
    seen = [];
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const size = hidden.length;
  const length = `Content-Length: ${size}`;
  const chunked = `${size.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const bodies: readonly (readonly [what: string, request: string, arrived: string])[] = [
    ...['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'].map(
      (method) =>
        [`${method} with a length`, requestText([`${method} /page HTTP/1.1`, host, length], hidden), `${method} /page ${size}`] as const,
    ),
    ...['GET', 'POST', 'DELETE'].map(
      (method) =>
        [
          `${method} in chunks`,
          requestText([`${method} /page HTTP/1.1`, host, 'Transfer-Encoding: chunked'], chunked),
          `${method} /page ${size}`,
        ] as const,
    ),
    [
      'a coding in another spelling',
      requestText(['POST /page HTTP/1.1', host, 'transfer-ENCODING:\tChUnKeD'], chunked),
      `POST /page ${size}`,
    ],
    [
      'chunk extensions',
      requestText(['POST /page HTTP/1.1', host, 'Transfer-Encoding: chunked'], chunked.replace('\r\n', ';a=b;c="d"\r\n')),
      `POST /page ${size}`,
    ],
    [
      'one byte a chunk',
      requestText(
        ['POST /page HTTP/1.1', host, 'Transfer-Encoding: chunked'],
        `${hidden
          .split('')
          .map((byte) => `1\r\n${byte}\r\n`)
          .join('')}0\r\n\r\n`,
      ),
      `POST /page ${size}`,
    ],
    [
      'trailers',
      requestText(['POST /page HTTP/1.1', host, 'Transfer-Encoding: chunked'], chunked.replace(/\r\n$/, 'X-Trailer: /hidden\r\n\r\n')),
      `POST /page ${size}`,
    ],
    [
      'a length with zeros before it',
      requestText(['POST /page HTTP/1.1', host, `Content-Length: 000${size}`], hidden),
      `POST /page ${size}`,
    ],
    [
      'an offer of h2c',
      requestText(
        ['POST /page HTTP/1.1', host, length, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
        hidden,
      ),
      `POST /page ${size}`,
    ],
    ['a wait for 100', requestText(['POST /page HTTP/1.1', host, length, 'Expect: 100-Continue'], hidden), `POST /page ${size}`],
    ['two spaces before the target', requestText(['POST  /page HTTP/1.1', host, length], hidden), `POST /page ${size}`],
  ];

  for (const [what, request, arrived] of bodies) {
    it(`stays a body: ${what}`, async () => {
      using connection = await connectRaw(house);
      connection.write(request);
      assert.equal((await connection.answer())?.body, 'answer to /page');
      assert.deepEqual(seen, [arrived]);
      await assertOwnAnswer();
    });
  }

  it('stays a body over HTTP/2, whatever length was announced', async () => {
    const session = await connectTwo(house);
    const target: [string, string][] = [
      [':method', 'POST'],
      [':scheme', 'https'],
      [':authority', 'public.postern.test'],
      [':path', '/page'],
    ];
    assert.equal((await askTwo(session, target, hidden)).body, 'answer to /page');
    assert.equal((await askTwo(session, [...target, ['content-length', `${size}`]], hidden)).body, 'answer to /page');
    session.destroy();
    assert.deepEqual(seen, [`POST /page ${size}`, `POST /page ${size}`]);
  });

  it('is a request of its own only where it stands after one', async () => {
    using connection = await connectRaw(house);
    const first = requestText(['POST /first HTTP/1.1', host, length], hidden);
    const second = requestText(['GET /second HTTP/1.1', host]);
    connection.write(first + second + requestText(['GET /third HTTP/1.1', host, 'Connection: close']));
    assert.deepEqual(await answers(connection), ['answer to /first', 'answer to /second', 'answer to /third']);
    assert.deepEqual(
      seen.toSorted((a, b) => Number(a > b) - Number(a < b)),
      ['GET /second 0', 'GET /third 0', `POST /first ${size}`],
    );
  });

  it('is thrown away when the upstream answers before it has read the body', async () => {
    for (let round = 0; round < 5; round += 1) {
      using connection = await connectRaw(house);
      connection.write(requestText(['POST /early HTTP/1.1', host, 'Content-Length: 100000']));
      connection.write(hidden);
      assert.equal((await connection.answer())?.body, 'answer to /early');
      connection.write(hidden.repeat(10));
      await assertOwnAnswer();
      connection.socket.destroy();
    }
    assert.deepEqual(
      seen.filter((line) => line.includes('hidden')),
      [],
    );
  });

  it('is thrown away when the client goes before the end of it', async () => {
    for (let round = 0; round < 5; round += 1) {
      using connection = await connectRaw(house);
      connection.write(requestText(['POST /page HTTP/1.1', host, 'Content-Length: 100000'], hidden));
      connection.write(hidden);
      await assertOwnAnswer();
      connection.socket.destroy();
      await assertOwnAnswer();
    }
    assert.deepEqual(
      seen.filter((line) => /hidden|page/.test(line)),
      [],
    );
  });

  /** The next visitor, who gets a connection to the upstream that may have been used before. */
  async function assertOwnAnswer(): Promise<void> {
    using connection = await connectRaw(house);
    connection.write(requestText(['GET /own HTTP/1.1', host]));
    assert.equal((await connection.answer())?.body, 'answer to /own');
  }
});

async function answers(connection: RawConnection): Promise<readonly (string | undefined)[]> {
  const bodies: (string | undefined)[] = [];
  for (let count = 0; count < 3; count += 1) bodies.push((await connection.answer())?.body);
  return bodies;
}
