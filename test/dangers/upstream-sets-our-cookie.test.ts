import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { RawAnswer } from './raw-client.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';

/** An application that can set the session cookie puts visitors into a session of its choice: what is Postern's to say, nobody behind it says. */
describe('an upstream that speaks for Postern', () => {
  let house: House;
  let server: Server;
  let answer = '';
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', () => void socket.write(answer, 'latin1'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const to = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: "${to}", allow_public_unauthenticated_access: true, allow_websockets: true}]`,
    });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const dropped = [
    '_pomerium=planted',
    '_pomerium=planted; Path=/; Secure; HttpOnly; SameSite=None',
    '_pomerium=planted; Domain=postern.test; Path=/admin',
    '_pomerium=; Max-Age=0',
    '_pomerium',
    ' _pomerium=planted',
    '\t_pomerium =planted',
    '=_pomerium=planted',
    '==_pomerium=planted',
    ' = _pomerium=planted',
    '_pomerium_browser=planted',
    '_pomerium_authenticate=planted',
    '_pomerium_authenticate_browser=planted',
    '_pomerium_restart=planted',
    '_pomerium_anything=planted',
  ];
  const kept = [
    'theirs=1; Path=/',
    'x_pomerium=2',
    'session=_pomerium=3',
    '__Host-app=4; Path=/; Secure',
    '_pomeriumx=5',
    'a="; _pomerium=6"',
  ];

  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  // The answer to the key above (RFC 6455 section 4.2.2).
  const switching =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=';

  function ask(...lines: readonly string[]): Promise<RawAnswer | undefined> {
    return askRaw(house, requestText(['GET /page HTTP/1.1', 'Host: public.postern.test', ...lines]));
  }

  it('sets cookies of its own, and none of ours', async () => {
    answer = `HTTP/1.1 200 OK\r\n${setCookies([...dropped, ...kept])}set-COOKIE: _pomerium=planted\r\nContent-Length: 2\r\n\r\nok`;
    const got = await ask('Connection: close');
    assert.deepEqual(
      [...(got?.head ?? '').matchAll(/^set-cookie: (.*)$/gim)].map(([, value]) => value),
      kept,
    );
    const line = await house.logLine((each) => each['level'] === 'warn' && each['name'] === '_pomerium');
    assert.equal(JSON.stringify(line).includes('planted'), false, 'the value is nobody’s business');
  });

  it('sets none of ours over HTTP/2', async () => {
    answer = `HTTP/1.1 200 OK\r\n${setCookies([...dropped, ...kept])}Content-Length: 2\r\n\r\nok`;
    const session = await connectTwo(house);
    const got = await askTwo(session, [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'public.postern.test'],
      [':path', '/page'],
    ]);
    session.destroy();
    assert.deepEqual(got.headers['set-cookie'], kept);
  });

  it('sets none of ours beside the head: in a 1xx, in trailers, in the answer to an upgrade', async () => {
    const ours = setCookies(dropped);
    const attempts: readonly (readonly [answer: string, lines: readonly string[], status: number])[] = [
      [`HTTP/1.1 103 Early Hints\r\n${ours}X-Pomerium-Claim-Email: planted\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`, [], 200],
      [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n2\r\nok\r\n0\r\n${ours}\r\n`, ['TE: trailers'], 200],
      [`HTTP/1.1 403 Forbidden\r\n${ours}Content-Length: 2\r\n\r\nno`, upgrade, 403],
      [`${switching}\r\n${ours}\r\n`, upgrade, 101],
    ];
    for (const [bytes, lines, status] of attempts) {
      answer = bytes;
      const got = await ask(...lines);
      assert.equal(got?.status, status);
      assert.doesNotMatch(`${got?.head}${got?.body}`, /planted|_pomerium/, bytes.slice(0, 30));
    }
  });

  it('says nothing under our names, and nothing that leads past us', async () => {
    const theirs = [
      'X-Pomerium-Claim-Email: planted',
      'X-Pomerium-Intercepted-Response: planted',
      'x-pomerium: planted',
      'x_pomerium_jwt: planted',
      'X-Request-Id: planted',
    ];
    const past = [
      'Alt-Svc: h3="planted:443"',
      'Strict-Transport-Security: max-age=0',
      'Connection: x-request-id, strict-transport-security',
      'Proxy-Authenticate: planted',
    ];
    answer = `HTTP/1.1 200 OK\r\n${[...theirs, ...past].join('\r\n')}\r\nContent-Length: 2\r\n\r\nok`;
    const got = await ask();
    assert.equal(got?.status, 200);
    assert.doesNotMatch(got.head, /planted|max-age=0|pomerium/i);
    assert.match(got.head, /^strict-transport-security: max-age=31536000/im);
    assert.equal([...got.head.matchAll(/^x-request-id: /gim)].length, 1);
  });
});

function setCookies(of: readonly string[]): string {
  return of.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join('');
}
