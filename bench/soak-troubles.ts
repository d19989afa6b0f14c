import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHttp2 } from '../test/walk/http2-client.ts';
import { dial } from '../test/walk/web-socket.ts';
import type { Person, Scene } from '../test/faults/scene.ts';
import { appHost } from '../test/faults/scene.ts';

/** What visitors do who make trouble, each of it over and over, several at once. */
export interface Troubles {
  counts(): Readonly<Record<string, number>>;
  /** Rejects as soon as one of them was treated in a way that it must not be; pending otherwise. */
  readonly failure: Promise<never>;
  /** Resolves when all of them have ended. */
  stop(): Promise<void>;
}

type Trouble = (scene: Scene, person: Person, turn: number) => Promise<void>;

const troubles: Readonly<Record<string, Trouble>> = {
  signsInAndOut,
  abortsADownload,
  abortsAnUpload,
  readsSlowly,
  leavesAStream,
  leavesASocket,
};

export function startTroubles(scene: Scene): Troubles {
  const state = { isOn: true };
  const counts: Record<string, number> = {};
  const running = Object.entries(troubles).map(async ([name, trouble]) => {
    const person = await scene.signIn(name.toLowerCase());
    for (let turn = 0; state.isOn; turn += 1) {
      await trouble(scene, person, turn).catch((error: unknown) => {
        throw new Error(`${name} went wrong in turn ${turn}`, { cause: error });
      });
      counts[name] = (counts[name] ?? 0) + 1;
      await sleep(50);
    }
  });
  const { promise: failure, reject } = Promise.withResolvers<never>();
  for (const each of running) each.catch(reject);
  failure.catch(() => undefined);
  return {
    counts: () => counts,
    failure,
    async stop() {
      state.isOn = false;
      await Promise.all(running);
    },
  };
}

async function signsInAndOut(scene: Scene, _person: Person, turn: number): Promise<void> {
  const visitor = scene.browser(`visitor${turn}`);
  const url = `https://${appHost}:${scene.port}/`;
  const { answer } = await visitor.arrive(url);
  const out = await visitor.visit(`${url}.pomerium/sign_out`);
  if (answer.status !== 200 || out.status !== 302) throw new Error(`visitor${turn} got ${answer.status}, and ${out.status} to sign out`);
}

async function abortsADownload(scene: Scene, person: Person): Promise<void> {
  await using client = await openHttp2(scene, appHost);
  const stream = client.session.request(fields(scene, person, 'GET', '/bytes'));
  await firstBytes(stream);
  stream.close(8);
  await over(stream);
}

async function abortsAnUpload(scene: Scene, person: Person): Promise<void> {
  await using client = await openHttp2(scene, appHost);
  const stream = client.session.request(fields(scene, person, 'POST', '/echo'), { endStream: false });
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(64 * 1024));
  await sleep(20);
  // The connection is gone, without a word.
}

async function readsSlowly(scene: Scene, person: Person): Promise<void> {
  await using client = await openHttp2(scene, appHost);
  const stream = client.session.request(fields(scene, person, 'GET', '/bytes'));
  await firstBytes(stream);
  for (let pause = 0; pause < 5; pause += 1) {
    await sleep(100);
    stream.read(16 * 1024);
  }
  stream.close(8);
  await over(stream);
}

async function leavesAStream(scene: Scene, person: Person): Promise<void> {
  await using client = await openHttp2(scene, appHost);
  const stream = client.session.request(fields(scene, person, 'GET', '/events'));
  await firstBytes(stream);
  await sleep(300);
}

async function leavesASocket(scene: Scene, person: Person, turn: number): Promise<void> {
  const dialled = await dial(scene, appHost, { headers: { cookie: person.cookie } });
  if (dialled.kind === 'refused') throw new Error(`a WebSocket was refused with ${dialled.status}`);
  const { socket } = dialled;
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.send('x'.repeat(100_000));
  await sleep(100);
  if (turn % 2 === 0) socket.terminate();
  else socket.close();
  await closed;
}

function fields({ port }: Scene, { cookie }: Person, method: string, path: string): Readonly<Record<string, string>> {
  return { ':method': method, ':path': path, ':authority': `${appHost}:${port}`, cookie };
}

/** Nothing is read beyond what came at once. */
async function firstBytes(stream: ClientHttp2Stream): Promise<void> {
  stream.on('error', () => undefined);
  await once(stream, 'readable');
}

async function over(stream: ClientHttp2Stream): Promise<void> {
  if (!stream.closed || !stream.destroyed) await once(stream, 'close');
}
