import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import { appHost, openScene } from './scene.ts';

describe('a disk that can be read only', () => {
  it('stops nobody who is signed in; signing in and out fails and says so, and a sign-out that failed ended nothing', async () => {
    await using scene = await openScene();
    const [url, signOutUrl] = [`https://${appHost}:${scene.port}/`, `https://${appHost}:${scene.port}/.pomerium/sign_out`];
    const people = await Promise.all(['alice', 'bob'].map((name) => scene.signIn(name)));
    const [dave, erin] = [scene.browser('dave'), scene.browser('erin')];
    await dave.arrive(url);
    const callback = await scene.halfSignIn(erin);
    await using load = startLoad(scene, { people });
    await load.recovered();

    await scene.postern.suffer({ kind: 'store', state: 'read-only' });
    const signedIn = await erin.visit(callback);
    const signedOut = await dave.visit(signOutUrl);
    assert.deepEqual([signedIn.status, signedOut.status], [503, 503]);
    assert.doesNotMatch(erin.jar.cookies(url), /_pomerium=/);
    // Signed out nowhere: the cookie must stay, or nobody could try again.
    assert.match(dave.jar.cookies(url), /_pomerium=/);
    // What was read more than a minute ago is read from the store again.
    await scene.postern.suffer({ kind: 'clock', offsetMs: 120_000 });
    await load.recovered();

    await scene.postern.suffer({ kind: 'store', state: 'whole' });
    assert.equal((await dave.visit(signOutUrl)).status, 302);
    assert.equal((await dave.visit(url)).status, 302);
    await scene.signIn('erin');
    assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', 'echoed']);
    scene.postern.assertSound();
  });
});

describe('a disk that fails', () => {
  it('lets those in who are known, refuses all others with 503, and makes a stranger of nobody', async () => {
    await using scene = await openScene();
    const url = `https://${appHost}:${scene.port}/`;
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
    await using load = startLoad(scene, { people });
    await load.recovered();

    await scene.postern.suffer({ kind: 'store', state: 'unreadable' });
    await load.recovered();
    // Nobody is known any more without the store. A WebSocket that is open goes on.
    load.allow(503);
    await scene.postern.suffer({ kind: 'clock', offsetMs: 120_000 });
    await load.seen(503, 20);
    const { answer } = await scene.browser('erin').arrive(url);
    assert.equal(answer.status, 503);

    await scene.postern.suffer({ kind: 'store', state: 'whole' });
    await load.recovered();
    load.allow();
    await scene.signIn('erin');
    const counts = await load.stop();
    assert.deepEqual(Object.keys(counts).toSorted(), ['200', '503', 'echoed']);
    scene.postern.assertSound();
  });
});
