import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import { assertOwnAnswers } from './own-answers.ts';
import { connectRaw, requestText } from './raw-client.ts';

const good = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown';
const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nothers';

/** What a hostile or broken upstream sends must never be read as the answer to somebody else's request ("upstream response smuggling"). */
describe('an upstream that answers more, less or other than asked', () => {
  let house: House;
  let server: Server;
  let answer = '';
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        const [line = ''] = chunk.toString('latin1').split('\r\n');
        // The body and the trailers of a request may come in pieces of their own.
        if (!line.endsWith(' HTTP/1.1')) return;
        socket.write(line.includes('/own') ? good : answer, 'latin1');
        if (line.includes('/end')) socket.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const route = `{from: https://public.postern.test, to: "http://127.0.0.1:${port}", allow_public_unauthenticated_access: true, timeout: 2s}`;
    house = await openHouse({ config: `routes: [${route}]` });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const body = 'Content-Length: 2\r\n\r\nok';
  // The status, or undefined where the connection may end before the answer is whole.
  const vectors: readonly (readonly [what: string, answer: string, statuses: readonly (number | undefined)[]])[] = [
    ['two lengths that differ', `HTTP/1.1 200 OK\r\nContent-Length: 40\r\n${body}`, [502]],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 40\r\n\r\nok', [502]],
    ['length and coding', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\nok\r\n0\r\n\r\n`, [502]],
    ['an unknown coding', `HTTP/1.1 200 OK\r\nTransfer-Encoding: cow\r\nContent-Length: 2\r\n\r\nok`, [502]],
    ['two codings', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\nok\r\n0\r\n\r\n`, [502]],
    ['a second answer', `HTTP/1.1 200 OK\r\n${body}${evil}`, [200, 502, undefined]],
    [
      'a second answer after chunks',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${evil}`,
      [200, 502, undefined],
    ],
    ['a second answer after 204', `HTTP/1.1 204 No Content\r\n\r\n${evil}`, [204, 502, undefined]],
    ['a body with 304', `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n${evil}`, [304, 502, undefined]],
    ['a coding besides chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', [502]],
    ['a bare line feed in the head', `HTTP/1.1 200 OK\nX-A: b\r\n${body}`, [502]],
    ['a bare carriage return in a value', `HTTP/1.1 200 OK\r\nX-A: b\rSet-Cookie: _pomerium=x\r\n${body}`, [502]],
    ['a folded field', `HTTP/1.1 200 OK\r\nX-A: b\r\n Set-Cookie: _pomerium=x\r\n${body}`, [502]],
    ['NUL in a value', `HTTP/1.1 200 OK\r\nX-A: b\0c\r\n${body}`, [502]],
    ['space before the colon', `HTTP/1.1 200 OK\r\nContent-Length : 40\r\n${body}`, [502]],
    ['an illegal chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n', [502, undefined]],
    ['a bare line feed in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n', [502, undefined]],
    ['101 that nobody asked for', `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${evil}`, [502]],
    ['a flood of 103', `${'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(50)}HTTP/1.1 200 OK\r\n${body}`, [502]],
    ['a status of two digits', `HTTP/1.1 20 OK\r\n${body}`, [502]],
    ['a status of 999', `HTTP/1.1 999 No\r\n${body}`, [502]],
    ['no HTTP at all', `SSH-2.0-OpenSSH\r\n\r\n`, [502]],
    ['a head of many fields', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}Content-Length: 2\r\n\r\nok`, [502]],
    ['trailers without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'X-A: b\r\n'.repeat(20_000)}`, [502, undefined]],
    [
      'a trailer with a line break',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\rSet-Cookie: _pomerium=x\r\n\r\n`,
      [502, undefined],
    ],
    [
      'a size of a chunk that overflows',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nok\r\n0\r\n\r\n`,
      [502, undefined],
    ],
    [
      'an extension of a chunk without end',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(200_000)}`,
      [502, undefined],
    ],
    ['HTTP/0.9', 'own words, without a head\r\n', [502]],
    ['a flood of 100', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)}HTTP/1.1 200 OK\r\n${body}`, [502]],
    [
      'a coding behind a thousand fields',
      `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(1200)}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
      [502],
    ],
    ['a length of a sign', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok', [502]],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(200_000)}`, [502]],
  ];

  const plain = requestText(['GET /page HTTP/1.1', 'Host: public.postern.test', 'Connection: close']);
  // Another client of the upstream carries those.
  const trailing = requestText(
    ['POST /page HTTP/1.1', 'Host: public.postern.test', 'Connection: close', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'],
    '2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n',
  );
  const cases = vectors.flatMap((vector) => [
    [...vector, plain] as const,
    [`${vector[0]}, for trailers`, vector[1], vector[2], trailing] as const,
  ]);

  for (const [what, bytes, statuses, request] of cases) {
    it(`is contained: ${what}`, async () => {
      answer = bytes;
      using connection = await connectRaw(house);
      connection.write(request);
      const got = await connection.answer();
      assert.ok(statuses.includes(got?.status), `${got?.status}`);
      const rest = await connection.rest();
      if (got !== undefined) assert.equal(rest, '', 'nothing after the answer');
      // Reference ids are random: one in a hundred holds three nines.
      const shown = `${got?.head}${got?.body}${rest}`.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
      assert.doesNotMatch(shown, /others|_pomerium|SSH|999|HTTP\/1.1[^]*HTTP\/1.1/);
      await assertOwnAnswers(house);
    });
  }

  it('is contained: the end before the announced length', async () => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nok';
    using connection = await connectRaw(house);
    connection.write(requestText(['GET /end HTTP/1.1', 'Host: public.postern.test']));
    assert.equal(await connection.answer(), undefined, 'the connection is cut, so that nobody takes the answer for whole');
    await assertOwnAnswers(house);
  });
});
