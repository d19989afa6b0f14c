import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { createServer as createHttp2Server } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../free-ports.ts';
import { configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { PosternProcess } from './postern-process.ts';
import { openPostern } from './postern-process.ts';

type Misdeed = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse, session: ServerHttp2Session | undefined) => void;

const misdeeds: Readonly<Record<string, Misdeed>> = {
  'loses the connection': (request) => request.socket.destroy(),
  'loses it a little later': (request) => void setTimeout(() => request.socket.destroy(), 20),
  'loses it half way': (request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => request.socket.destroy());
  },
  'says goodbye': (request, _response, session) => (session === undefined ? request.socket.destroy() : session.goaway(0, 0)),
  'says goodbye angrily': (request, _response, session) => (session === undefined ? request.socket.destroy() : session.goaway(11)),
  'never answers': () => undefined,
  'never ends': (_request, response) => void response.writeHead(200).write('some'),
  'answers early': (_request, response) => response.writeHead(413).end('early'),
  'allows nothing': (request, response, session) => {
    session?.settings({ maxConcurrentStreams: 0, initialWindowSize: 0 });
    request.resume().on('end', () => response.end('ok'));
  },
  answers: (request, response) => void request.resume().on('end', () => response.end('ok')),
};

/** How often each request arrived. */
const seen = new Map<string, number>();

function serve(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  const { 'x-nonce': nonce, 'x-misdeed': misdeed } = request.headers;
  for (const stream of [request, response]) stream.on('error', () => undefined);
  seen.set(String(nonce), (seen.get(String(nonce)) ?? 0) + 1);
  const session = 'stream' in request ? request.stream.session : undefined;
  misdeeds[String(misdeed)]?.(request, response as ServerResponse, session as ServerHttp2Session | undefined);
}

describe('an upstream that does whatever it should not, to clients that leave whenever they like', () => {
  const sockets = new Set<Socket>();
  const ports: Record<string, number> = {};
  const servers: Server[] = [];
  let pki: Pki;
  let postern: PosternProcess;
  let port: number;
  let directory: string;

  before(async () => {
    pki = await makePki();
    const two = createHttp2Server(serve).on('sessionError', () => undefined);
    for (const [name, server] of Object.entries({ one: createServer(serve), two })) {
      servers.push(server);
      server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      ports[name] = (server.address() as AddressInfo).port;
    }
    directory = await mkdtemp(join(tmpdir(), 'postern-misdeeds-'));
    await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
    await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
    port = await freePort();
    const open = 'allow_public_unauthenticated_access: true, timeout: 300ms';
    const routes = [
      `{from: https://one.postern.test, to: 'http://127.0.0.1:${ports['one']}', ${open}}`,
      `{from: https://two.postern.test, to: 'h2c://127.0.0.1:${ports['two']}', ${open}}`,
    ];
    const configFile = join(directory, 'config.yaml');
    await writeFile(configFile, configText(`workers: 1\nroutes: [${routes.join(', ')}]`, port));
    postern = openPostern({ configFile });
    await postern.start();
  });

  after(async () => {
    await postern[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    await rm(directory, { recursive: true, force: true });
  });

  let asked = 0;
  /** Gives the status, or undefined where there is no whole answer. */
  function ask(name: string, misdeed: string, kind: 'GET' | 'POST' | 'trailers', leavesAfterMs?: number): Promise<number | undefined> {
    const host = `${name}.postern.test`;
    const method = kind === 'GET' ? 'GET' : 'POST';
    const headers = { host, 'x-nonce': `${method} ${(asked += 1)}`, 'x-misdeed': misdeed };
    return new Promise((resolve) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          servername: host,
          method,
          agent: false,
          ca: pki.serverCa.certificatePem,
          headers: kind === 'trailers' ? { ...headers, trailer: 'x-sum' } : headers,
        },
        (response) => {
          response.resume().on('error', () => undefined);
          response.on('close', () => resolve(response.complete ? response.statusCode : undefined));
        },
      );
      request.on('error', () => resolve(undefined));
      if (kind !== 'GET') request.write('a'.repeat(50_000));
      if (kind === 'trailers') request.addTrailers({ 'x-sum': '1' });
      request.end();
      if (leavesAfterMs !== undefined) setTimeout(() => request.destroy(), leavesAfterMs);
    });
  }

  it('costs them their answers, and nothing else: no request is acted upon twice, no connection is left over, nothing unforeseen', async () => {
    const waves = [undefined, 0, 5, 30].flatMap((leaves) => (['GET', 'POST', 'trailers'] as const).map((kind) => [leaves, kind] as const));
    for (const [leaves, kind] of waves) {
      const all = Object.keys(misdeeds).flatMap((misdeed) => ['one', 'two', 'one', 'two'].map((name) => ask(name, misdeed, kind, leaves)));
      await Promise.all(all);
    }
    const twice = [...seen].filter(([nonce, times]) => times > (nonce.startsWith('GET') ? 2 : 1));
    assert.deepEqual(twice, []);
    for (const name of ['one', 'two']) assert.equal(await ask(name, 'answers', 'POST'), 200);
    const deadline = performance.now() + 8_000;
    while (sockets.size > 3 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(sockets.size <= 3, `${sockets.size} connections of ${asked} requests`);
    postern.assertSound();
  });
});
