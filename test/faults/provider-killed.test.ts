import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLoad } from './load.ts';
import { appHost, openScene } from './scene.ts';

describe('a provider that is killed and started again', () => {
  it('disturbs nobody who is signed in, and tells everybody else what is the matter until it is back', async () => {
    await using scene = await openScene();
    const url = `https://${appHost}:${scene.port}/`;
    const people = await Promise.all(['alice', 'bob', 'carol'].map((name) => scene.signIn(name)));
    await using load = startLoad(scene, { people });
    await load.recovered();
    // Half way through a sign-in: the provider has let her go, and Postern is yet to ask who she is.
    const erin = scene.browser('erin');
    const callback = await scene.halfSignIn(erin);

    await scene.provider.kill();
    const answered = await erin.visit(callback);
    assert.deepEqual([answered.status, answered.headers['set-cookie']?.some(isSession) ?? false], [503, false]);
    assert.match(answered.body, /503/);
    assert.match(String(answered.headers['content-type']), /^text\/html/);
    // Whom Postern sends there finds nobody; whoever comes without a session is still not let in.
    const stranger = await scene.browser('frank').visit(url);
    assert.ok([302, 503].includes(stranger.status), String(stranger.status));
    await load.recovered();

    await scene.provider.start();
    await Promise.all(['erin', 'frank'].map((name) => scene.signIn(name)));
    await load.recovered();
    assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', 'echoed']);
    scene.postern.assertSound();
  });

  it('was never there: everybody else is served, and the first sign-in after it came goes through', async () => {
    await using scene = await openScene();
    const url = `https://${appHost}:${scene.port}/`;
    const alice = await scene.signIn('alice');
    await scene.provider.kill();
    await scene.postern.kill();
    await scene.postern.start();
    await using load = startLoad(scene, { people: [alice] });
    await load.recovered();
    const answer = await scene.browser('bob').visit(url);
    assert.ok([302, 503].includes(answer.status), String(answer.status));
    await scene.provider.start();
    await scene.signIn('bob');
    assert.deepEqual(Object.keys(await load.stop()).toSorted(), ['200', 'echoed']);
    scene.postern.assertSound();
  });
});

function isSession(setCookie: string): boolean {
  return /^_pomerium=[^;]/.test(setCookie);
}
