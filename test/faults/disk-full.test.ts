import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import type { Scene } from './scene.ts';
import { appHost, openScene } from './scene.ts';

// Node, and with it Postern, sees a small disk of its own there; nobody else does.
const small = '/mnt';
const mounting = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'];
const mountSmall = `mount -t tmpfs -o size=512k tmpfs ${small} && exec "$@"`;
const canMount = spawnSync(mounting[0] ?? '', [...mounting.slice(1), mountSmall, 'sh', 'true']).status === 0;

describe('a full disk under the store', () => {
  it('stops nobody who is signed in, signs nobody in, and says so to whoever tries; with room again all is well', async () => {
    // Where no mount may be made, SQLite itself is told that there is no room for another page.
    await using scene = await openScene(canMount ? { wrapper: [...mounting, mountSmall, 'sh'], stateDirectory: `${small}/state` } : {});
    await suffer(scene, canMount ? onTheDisk(scene) : withinSqlite(scene));
  });
});

interface Disk {
  fill(): Promise<void>;
  empty(): Promise<void>;
}

async function suffer(scene: Scene, disk: Disk): Promise<void> {
  const url = `https://${appHost}:${scene.port}/`;
  const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
  await using load = startLoad(scene, { people });
  await load.recovered();

  await disk.fill();
  const answers: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    const visitor = scene.browser(`late${tries}`);
    const { answer } = await visitor.arrive(url);
    answers.push(answer.status);
    // Room left over in what is there may serve a first sign-in or two; nobody is let in without one, or as somebody else.
    if (answer.status === 200) assert.match(answer.body, new RegExp(`late${tries}@example.com`));
    else assert.doesNotMatch(visitor.jar.cookies(url), /_pomerium=/);
  }
  assert.equal(answers.at(-1), 503, answers.join());
  assert.deepEqual(new Set(answers).difference(new Set([200, 503])).size, 0, answers.join());
  await load.recovered();
  // What was read more than a minute ago is read from the store again, for which no room is needed.
  await scene.postern.suffer({ kind: 'clock', offsetMs: 120_000 });
  await load.recovered();

  await disk.empty();
  await scene.signIn('grace');
  assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', 'echoed']);
  scene.postern.assertSound();
}

function onTheDisk({ postern }: Scene): Disk {
  const filler = `/proc/${postern.pid}/root${small}/filler`;
  return {
    async fill() {
      assert.throws(() => writeFileSync(`/proc/${postern.pid}/root${small}/filler`, Buffer.alloc(1024 * 1024)), /ENOSPC/);
    },
    empty: async () => rmSync(filler),
  };
}

function withinSqlite({ postern }: Scene): Disk {
  return {
    fill: async () => void (await postern.suffer({ kind: 'store', state: 'full' })),
    empty: async () => void (await postern.suffer({ kind: 'store', state: 'whole' })),
  };
}
