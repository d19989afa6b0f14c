import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { Http2Client } from '../walk/http2-client.ts';
import { openHttp2 } from '../walk/http2-client.ts';
import type { Socket } from '../walk/web-socket.ts';
import { dial } from '../walk/web-socket.ts';
import type { Person, Scene } from './scene.ts';
import { appHost, openScene } from './scene.ts';

const connections = 9;
const streamsOfEach = 100;
const sockets = 100;

describe('SIGTERM while a thousand streams are open', () => {
  it('takes nothing new and says so, lets what runs come to its end, and ends well', async () => {
    await using scene = await openScene();
    await using streams = await openStreams(scene, await scene.signIn('alice'));
    assert.ok((await scene.metric('postern_open_streams')) >= 1_000);
    assert.equal(await scene.health('/readyz'), 200);

    const slow = streams.askSlowly();
    while ((await scene.metric('postern_open_streams')) <= 1_000) await new Promise((resolve) => setTimeout(resolve, 10));
    scene.postern.signal('SIGTERM');
    await scene.postern.logLine(({ msg }) => String(msg).startsWith('Postern is stopping'));
    assert.equal(await knock(scene.port), 'ECONNREFUSED');
    assert.deepEqual([await scene.health('/readyz'), await scene.health('/healthz')], [503, 200]);
    assert.equal(streams.cut(), 0);
    assert.equal(await slow, 200);
    // The application ends its streams, and the people close their WebSockets: nobody waits for the bound then.
    scene.upstream.signal('SIGUSR2');
    streams.closeSockets();
    assert.deepEqual(await scene.postern.ended(), { status: 0, signal: null });
    assert.deepEqual([streams.cut(), streams.whole()], [0, connections * streamsOfEach]);
    assert.equal(scene.postern.complaints(), '');
  });

  it('cuts them at the second signal, and ends well', async () => {
    await using scene = await openScene();
    await using streams = await openStreams(scene, await scene.signIn('alice'));
    scene.postern.signal('SIGTERM');
    await scene.postern.logLine(({ msg }) => String(msg).startsWith('Postern is stopping'));
    assert.equal(streams.cut(), 0);
    const began = performance.now();
    scene.postern.signal('SIGTERM');
    assert.deepEqual(await scene.postern.ended(), { status: 0, signal: null });
    // Long before the 35 s that the first signal alone gives them.
    assert.ok(performance.now() - began < 10_000);
    assert.equal(scene.postern.complaints(), '');
  });
});

interface Streams extends AsyncDisposable {
  /** One request that takes the upstream most of a second; its status. */
  askSlowly(): Promise<number>;
  /** How many streams were reset, or ended without the last word of the application. */
  cut(): number;
  whole(): number;
  closeSockets(): void;
}

/** Nine hundred streams of events over HTTP/2, and a hundred WebSockets. */
async function openStreams(scene: Scene, { cookie }: Person): Promise<Streams> {
  const clients = await Promise.all(Array.from({ length: connections }, () => openHttp2(scene, appHost)));
  const counts = { cut: 0, whole: 0 };
  const fields = { cookie, ':authority': `${appHost}:${scene.port}` };
  for (const client of clients) await Promise.all(Array.from({ length: streamsOfEach }, () => openEvents(client, fields, counts)));
  const opened: Socket[] = [];
  for (let each = 0; each < sockets; each += 20)
    opened.push(...(await Promise.all(Array.from({ length: 20 }, () => openSocket(scene, cookie)))));
  const spare = await openHttp2(scene, appHost);
  return {
    askSlowly: () => spare.ask({ path: '/slow', headers: { cookie } }).then(({ status }) => status),
    cut: () => counts.cut,
    whole: () => counts.whole,
    closeSockets: () => opened.forEach((socket) => socket.close()),
    async [Symbol.asyncDispose]() {
      for (const socket of opened) socket.terminate();
      await Promise.all([spare, ...clients].map((client) => client[Symbol.asyncDispose]()));
    },
  };
}

async function openEvents(
  { session }: Http2Client,
  fields: Readonly<Record<string, string>>,
  counts: { cut: number; whole: number },
): Promise<void> {
  const stream: ClientHttp2Stream = session.request({ ':path': '/events', ...fields });
  let said = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  stream.on('error', () => undefined);
  stream.on('close', () => {
    if (stream.rstCode === 0 && said.endsWith('data: end\n\n')) counts.whole += 1;
    else counts.cut += 1;
  });
  await once(stream, 'data');
  assert.match(said, /^data: alice@example\.com\n\n/);
}

async function openSocket(scene: Scene, cookie: string): Promise<Socket> {
  const dialled = await dial(scene, appHost, { headers: { cookie } });
  assert.ok(dialled.kind === 'open');
  dialled.socket.on('error', () => undefined);
  return dialled.socket;
}

async function knock(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return 'connected';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}
