import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { openHttp2 } from '../walk/http2-client.ts';
import { startLoad } from './load.ts';
import type { Person, Scene } from './scene.ts';
import { appHost, openScene } from './scene.ts';

const hour = 3_600_000;

describe('a clock that jumps by hours', () => {
  it('takes nobody’s session that goes on, cuts no stream of it, and lets nobody in whose session is over', async () => {
    await using scene = await openScene({ keys: 'cookie_expire: 10h' });
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
    await using events = await openEvents(scene, people[0]);
    await using load = startLoad(scene, { people });
    await load.recovered();

    for (const offsetMs of [3 * hour, 9 * hour, 0]) {
      await scene.postern.suffer({ kind: 'clock', offsetMs });
      await load.recovered();
    }
    assert.equal(events.isCut(), false);

    // Set back, it makes every session one that would last too long; they count again when it is right again.
    load.allow(302, 401, 'closed');
    await scene.postern.suffer({ kind: 'clock', offsetMs: -3 * hour });
    await load.seen(302, 10);
    await scene.postern.suffer({ kind: 'clock', offsetMs: 0 });
    await load.recovered();

    // The end of a session comes by the clock there is: a request after it is a stranger's, and a stream ends with it.
    await using late = await openEvents(scene, people[0]);
    await scene.postern.suffer({ kind: 'clock', offsetMs: 11 * hour });
    await Promise.all([load.seen(302, 20), late.cut]);
    const counts = await load.stop();
    const expected = new Set(['200', '302', '401', 'closed', 'echoed']);
    assert.deepEqual([...new Set(Object.keys(counts)).difference(expected)], [], JSON.stringify(counts));
    await scene.postern.suffer({ kind: 'clock', offsetMs: 0 });
    await scene.signIn('dave');
    scene.postern.assertSound();
  });

  it('makes of a sign-in under way a sign-in, or a page that says why not, and never somebody else', async () => {
    await using scene = await openScene();
    const url = `https://${appHost}:${scene.port}/`;
    for (const offsetMs of [2 * hour, -2 * hour]) {
      await scene.postern.suffer({ kind: 'clock', offsetMs: 0 });
      const [visitor, other] = [scene.browser('alice'), scene.browser('bob')];
      const callback = await scene.halfSignIn(visitor);
      await scene.postern.suffer({ kind: 'clock', offsetMs });
      for (const { answer } of [await visitor.arrive(callback), await other.arrive(url)]) {
        // The provider's clock is right, and what it signed is from the future or long over.
        assert.ok([200, 400, 502].includes(answer.status), `${offsetMs}: ${answer.status} ${answer.body.slice(0, 300)}`);
        assert.doesNotMatch(answer.body, /<pre>|\bat .*\.ts/);
      }
      const page = await visitor.visit(url);
      if (page.status === 200) assert.match(page.body, /alice@example\.com/);
      else assert.equal(page.status, 302);
    }
    await scene.postern.suffer({ kind: 'clock', offsetMs: 0 });
    await scene.signIn('carol');
    scene.postern.assertSound();
  });
});

interface Events extends AsyncDisposable {
  isCut(): boolean;
  /** Resolves when the stream ended before its last word. */
  readonly cut: Promise<unknown>;
}

async function openEvents(scene: Scene, person: Person | undefined): Promise<Events> {
  const client = await openHttp2(scene, appHost);
  const stream = client.session.request({ ':path': '/events', ':authority': `${appHost}:${scene.port}`, cookie: person?.cookie });
  const cut = new Promise((resolve) => stream.on('error', resolve));
  await once(stream, 'data');
  return { isCut: () => stream.closed, cut, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}
