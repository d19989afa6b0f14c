import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

const hour = 3_600_000;

/** Machines wake up in the wrong year, and time servers set them right in one step. Nothing that was over begins again by it. */
describe('the clock of the machine, set forward and back', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`cookie_expire: 2h
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('revives no session, prolongs none, and lets no old link in', async (t) => {
    const start = Date.now();
    t.mock.timers.enable({ apis: ['Date'], now: start });
    const set = (to: number): void => t.mock.timers.setTime(to);
    const page = street.url('app', '/page');
    const visitor = new Visitor(street.house, street.provider);
    await visitor.arrive(page);
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page);
    const ask = async (at: number): Promise<number> => {
      set(at);
      return (await visitor.visit(page)).status;
    };
    assert.deepEqual([await ask(start + hour), await ask(start), await ask(start + 2 * hour - 1)], [200, 200, 200]);
    upstream.clear();
    assert.deepEqual([await ask(start + 2 * hour), await ask(start + hour), await ask(start)], [302, 302, 302]);

    set(start - hour);
    const early = await steps.visitor.visit(callback);
    assert.deepEqual([early.status, early.headers.location], [302, page], 'a sign-in of the future begins anew');
    assert.ok((early.headers['set-cookie'] ?? []).every((cookie) => cookie.startsWith('_pomerium_restart=')));

    set(start + 1_000 * hour);
    const ahead = new Visitor(street.house, street.provider);
    await ahead.arrive(page);
    set(start);
    upstream.clear();
    assert.equal((await ahead.visit(page)).status, 302, 'a session of a clock far ahead');
    assert.equal(upstream.bytes(), '');
  });
});
