import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RawConnection, RawOptions } from './raw-client.ts';
import { connectRaw, requestText } from './raw-client.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];
const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
const accept = 'Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n';

/** An upgrade is a request like every other until it is granted, by Postern and by the upstream; after a refusal it is nothing. */
describe('an upgrade without permission', () => {
  let street: Street;
  let server: Server;
  let received = '';
  let answer = '';
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => void socket.write(answer, 'latin1'));
      socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const to = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const allow = 'allow_websockets: true';
    street = await openStreet(`
routes:
  - {from: https://public.postern.test, to: "${to}", allow_public_unauthenticated_access: true, ${allow}}
  - {from: https://plain.postern.test, to: "${to}", allow_public_unauthenticated_access: true}
  - {from: https://signed-in.postern.test, to: "${to}", allow_any_authenticated_user: true, ${allow}}
  - {from: https://nobody.postern.test, to: "${to}", policy: {deny: {or: [accept: true]}}, ${allow}}
  - {from: https://certificate.postern.test, to: "${to}", tls_downstream_client_ca_file: ca-a.pem, policy: {allow: {or: [accept: true]}}, ${allow}}
  - {from: https://rules.postern.test, to: "${to}", policy: {allow: {and: [http_path: {starts_with: /socket}, http_method: {is: POST}]}}, ${allow}}
  - {from: https://paths.postern.test, to: "${to}", prefix: /open, allow_public_unauthenticated_access: true, ${allow}}
`);
  });

  beforeEach(() => {
    received = '';
    answer = `${switching}${accept}\r\n`;
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  interface Attempt extends RawOptions {
    readonly host: string;
    readonly path?: string;
    readonly lines?: readonly string[];
    readonly early?: string;
  }

  async function attempt({ host, path = '/socket', lines = handshake, early = '', ...options }: Attempt): Promise<RawConnection> {
    const connection = await connectRaw(street.house, { sni: `${host}.postern.test`, ...options });
    connection.write(requestText([`GET ${path} HTTP/1.1`, `Host: ${street.authority(host)}`, ...lines], early));
    return connection;
  }

  const expired = (): RawOptions => ({ client: street.house.pki.expired });
  const refused: readonly (readonly [what: string, status: number, attempt: Attempt, more?: () => RawOptions])[] = [
    ['nobody is signed in', 401, { host: 'signed-in' }],
    [
      'nobody is signed in, in a browser',
      401,
      { host: 'signed-in', lines: [...handshake, 'Accept: text/html', 'Sec-Fetch-Mode: navigate'] },
    ],
    ['the session is garbage', 401, { host: 'signed-in', lines: [...handshake, 'Cookie: _pomerium=garbage'] }],
    ['the policy says no', 403, { host: 'nobody' }],
    ['the method is another', 403, { host: 'rules' }],
    ['the path is another', 404, { host: 'paths', path: '/closed' }],
    ['the path leads elsewhere', 404, { host: 'paths', path: '/open/../closed' }],
    ['the path has two readings', 400, { host: 'paths', path: '/open/..%2fclosed' }],
    ['the route has no sockets', 403, { host: 'plain' }],
    ['the host is unknown', 404, { host: 'unknown', sni: 'public.postern.test' }],
    ['the host asks for a certificate', 495, { host: 'certificate' }],
    ['the certificate is of another CA', 495, { host: 'certificate' }, () => ({ client: street.house.pki.ofB })],
    ['the certificate is of a CA of the same name', 495, { host: 'certificate' }, () => ({ client: street.house.pki.ofSameName })],
    ['the certificate has expired', 495, { host: 'certificate' }, expired],
    ['the connection is another host’s', 421, { host: 'certificate', sni: 'public.postern.test' }],
    ['the path is our own', 404, { host: 'public', path: '/.pomerium/x' }],
    ['the key is missing', 400, { host: 'public', lines: handshake.filter((line) => line !== key) }],
    ['the key is short', 400, { host: 'public', lines: [...handshake.slice(0, 3), 'Sec-WebSocket-Key: AAAA'] }],
    ['there are two keys', 400, { host: 'public', lines: [...handshake, key] }],
    ['the version is another', 426, { host: 'public', lines: [...handshake.slice(0, 2), 'Sec-WebSocket-Version: 8', key] }],
    ['there is no version', 426, { host: 'public', lines: [...handshake.slice(0, 2), key] }],
    ['it has a body', 400, { host: 'public', lines: [...handshake, `Content-Length: ${hidden.length}`] }],
    ['it has a body in chunks', 400, { host: 'public', lines: [...handshake, 'Transfer-Encoding: chunked'], early: `0\r\n\r\n${hidden}` }],
    ['there are two offers', 400, { host: 'public', lines: [...handshake, 'Upgrade: h2c'] }],
  ];

  for (const [what, status, wanted, more] of refused) {
    it(`is refused with not a byte sent on: ${what}`, async () => {
      using connection = await attempt({ early: hidden, ...wanted, ...more?.() });
      assert.equal((await connection.answer())?.status, status);
      connection.write(hidden);
      assert.equal(await connection.rest(), '', 'the socket is closed');
      assert.equal(received, '');
    });
  }

  const badAnswers: readonly (readonly [what: string, answer: string, status: number])[] = [
    ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 200],
    ['400', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno', 400],
    ['a wrong Sec-WebSocket-Accept', `${switching}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n`, 502],
    ['no Sec-WebSocket-Accept', `${switching}\r\n`, 502],
    ['two of them', `${switching}${accept}${accept}\r\n`, 502],
    ['another protocol', `${switching.replace('websocket', 'h2c')}${accept}\r\n`, 502],
    ['a protocol and no Connection', `${switching.replace('Connection: Upgrade\r\n', '')}${accept}\r\n`, 502],
    ['a subprotocol that nobody offered', `${switching}${accept}Sec-WebSocket-Protocol: chat\r\n\r\n`, 502],
    ['an extension that nobody offered', `${switching}${accept}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`, 502],
    ['no HTTP', 'hello\r\n\r\n', 502],
  ];

  for (const [what, bytes, status] of badAnswers) {
    it(`is no tunnel when the upstream answers ${what}`, async () => {
      answer = bytes;
      using connection = await attempt({ host: 'public', early: hidden });
      assert.equal((await connection.answer())?.status, status);
      connection.write(hidden);
      assert.equal(await connection.rest(), '', 'the socket is closed, and nothing else was answered');
      assert.match(received, /^GET \/socket HTTP\/1\.1\r\n/);
      assert.doesNotMatch(received, /hidden/);
    });
  }

  it('is no upgrade when another protocol is offered: the request goes on without the offer', async () => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
    for (const protocol of ['h2c', 'TLS/1.0', 'websocket, h2c', 'HTTP/2.0', 'Websocket/13']) {
      received = '';
      using connection = await attempt({
        host: 'public',
        lines: ['Connection: Upgrade, HTTP2-Settings', `Upgrade: ${protocol}`, 'HTTP2-Settings: AAMAAABkAAQAAP__'],
      });
      assert.equal((await connection.answer())?.status, 200, protocol);
      assert.doesNotMatch(received, /^(?:upgrade|http2-settings):|^connection: .*upgrade/im, protocol);
    }
  });

  it('is a tunnel for whoever may, and then only', async () => {
    const cookie = await street.cookieAt('signed-in');
    received = '';
    using connection = await attempt({ host: 'signed-in', lines: [...handshake, `Cookie: ${cookie}`, 'Origin: https://evil.example'] });
    assert.equal((await connection.answer())?.status, 101);
    connection.write('frame');
    while (!received.endsWith('frame')) await new Promise((resolve) => setImmediate(resolve));
    assert.match(received, /^Origin: https:\/\/evil\.example\r$/im, 'where the page came from is the application’s to judge');
    assert.match(received, /^X-Pomerium-Jwt-Assertion: \S+\r$/im);
  });
});
