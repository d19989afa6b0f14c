import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import { appHost, openScene } from './scene.ts';

describe('a resolver that answers nothing any more', () => {
  it('costs what needs a new connection, with 503, and nothing once it answers again', async () => {
    await using scene = await openScene({ upstreamHost: 'upstream.postern.test' });
    const url = `https://${appHost}:${scene.port}/`;
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
    const [dave, erin] = [scene.browser('dave'), scene.browser('erin')];
    const callback = await scene.halfSignIn(dave);
    // The upstream closes after each answer, so that each request needs a new connection and the name.
    await using load = startLoad(scene, { people, headers: { 'x-close': '1' } });
    await load.recovered();
    // A new one on the same port: no connection to it is left that would need no name.
    await scene.provider.kill();
    await scene.provider.start();

    load.allow(503);
    await scene.postern.suffer({ kind: 'names', gone: true });
    await load.seen(503, 20);
    // The provider's name is gone too: Postern can't ask who it is.
    const answer = await dave.visit(callback);
    assert.equal(answer.status, 503);
    assert.doesNotMatch(dave.jar.cookies(url), /_pomerium=/);

    await scene.postern.suffer({ kind: 'names', gone: false });
    await load.recovered();
    load.allow();
    assert.equal((await erin.arrive(url)).answer.status, 200);
    assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', '503', 'echoed']);
    scene.postern.assertSound();
  });
});
