import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { Visitor } from '../walk/visitor.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { assertRefused, locationOf, signInSteps } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * The links of a sign-in are good once, whole, and for one sign-in; each is checked for who made it (Pomerium CVE-2021-29652 forgot some).
 * A refused one changes nothing.
 */
describe('a link of a sign-in that is used again, altered or mixed with another', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  beforeEach(() => upstream.clear());
  afterEach(() => mock.restoreAll());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const page = (path = '/page'): string => street.url('app', path);

  it('is worthless after the callback was used', async () => {
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page());
    await steps.finish(callback);
    const asked = street.provider.requests.get('/token');
    for (let round = 0; round < 3; round += 1) assertRefused(await steps.visitor.visit(callback), 'the same callback');
    assert.equal(street.provider.requests.get('/token'), asked, 'it is not the provider who has to notice');
  });

  it('is good once when it is used twice at the same time', async () => {
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page());
    const statuses = (await Promise.all([1, 2, 3].map(() => steps.visitor.visit(callback)))).map(({ status }) => status);
    assert.deepEqual(
      statuses.toSorted((a, b) => a - b),
      [302, 400, 400],
    );
  });

  it('is worthless after the hand-over was used, also at the same time', async () => {
    const steps = signInSteps(street);
    const handOver = await steps.toHandOver(page());
    const answers = await Promise.all([1, 2, 3].map(() => steps.visitor.visit(handOver)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [302, 400, 400],
    );
    for (const answer of answers.filter(({ status }) => status === 400)) assertRefused(answer, 'the same hand-over');
    assertRefused(await steps.visitor.visit(handOver), 'later');
  });

  it('is refused when the state is missing, empty, doubled or anything but ours', async () => {
    const steps = signInSteps(street);
    const callback = new URL(await steps.toCallback(page()));
    const state = callback.searchParams.get('state') ?? '';
    const flipped = (at: number): string => `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`;
    const spots = [0, 1, 20, 40, Math.floor(state.length / 2), state.length - 2];
    const states = [
      '',
      'x',
      '{}',
      'null',
      state.slice(1),
      state.slice(0, -4),
      `${state}AAAA`,
      state + state,
      state.toUpperCase(),
      'A'.repeat(6000),
    ];
    for (const altered of [...states, ...spots.map(flipped)]) {
      callback.searchParams.set('state', altered);
      assertRefused(await steps.visitor.visit(callback.href), `state ${altered.slice(0, 40)}`);
    }
    callback.searchParams.delete('state');
    assertRefused(await steps.visitor.visit(callback.href), 'no state');
    assertRefused(await steps.visitor.visit(`${callback.href}&state=${state}&state=${state}`), 'two states');
    callback.searchParams.set('state', state);
    assert.equal((await steps.visitor.visit(callback.href)).status, 302, 'the genuine one was not spent by these');
  });

  it('is refused with the code of another sign-in, or none', async () => {
    const [mine, theirs] = [signInSteps(street), signInSteps(street)];
    const stolen = new URL(await theirs.toCallback(page())).searchParams.get('code') ?? '';
    for (const code of [stolen, 'garbage', '', undefined]) {
      const callback = new URL(await mine.toCallback(page()));
      if (code === undefined) callback.searchParams.delete('code');
      else callback.searchParams.set('code', code);
      assertRefused(await mine.visitor.visit(callback.href), `code ${code}`);
    }
    assert.equal((await mine.visitor.visit(page())).status, 302, 'nobody was signed in');
    assert.equal(upstream.bytes(), '');
  });

  it('is refused with the issuer of another provider, or two of them', async () => {
    const steps = signInSteps(street);
    for (const issuers of [['https://evil.example'], [street.provider.issuer.origin, 'https://evil.example']]) {
      const callback = new URL(await steps.toCallback(page()));
      callback.searchParams.delete('iss');
      for (const issuer of issuers) callback.searchParams.append('iss', issuer);
      assertRefused(await steps.visitor.visit(callback.href), issuers.join());
    }
  });

  it('is refused when any parameter of it is altered, doubled, added or left out', async () => {
    const steps = signInSteps(street);
    const links = [await steps.ask(page('/one')), await steps.toHandOver(page('/two'))];
    for (const link of links) {
      for (const name of new URL(link).searchParams.keys()) {
        for (const tamper of tampers) assertRefused(await steps.visitor.visit(tamper(link, name)), `${name} of ${link}`);
      }
    }
    assert.equal((await steps.visitor.visit(links[0] ?? '')).status, 302, 'the genuine ones still work');
    assert.equal((await steps.visitor.visit(links[1] ?? '')).status, 302);
  });

  it('is a sign-in that starts again when it is merely old, once', async () => {
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page('/late?x=1'));
    const now = Date.now();
    mock.method(Date, 'now', () => now + 11 * 60_000);
    const again = await steps.visitor.visit(callback);
    assert.equal(locationOf(again, callback), page('/late?x=1'));
    assert.deepEqual(
      (again.headers['set-cookie'] ?? []).filter((cookie) => /^_pomerium(?:_authenticate)?=/.test(cookie)),
      [],
      'and no session',
    );
    const second = await steps.toCallback(page());
    mock.method(Date, 'now', () => now + 22.5 * 60_000);
    assertRefused(await steps.visitor.visit(second), 'the second time');
    assert.equal(upstream.bytes(), '');
  });

  it('is nothing to a stranger who only saw it', async () => {
    const steps = signInSteps(street);
    const callback = await steps.toCallback(page());
    assertRefused(await new Visitor(street.house).visit(callback), 'the callback');
    const handOver = await steps.finish(callback);
    assertRefused(await new Visitor(street.house).visit(handOver), 'the hand-over');
    assert.equal(locationOf(await steps.visitor.visit(handOver), handOver), page(), 'and they can’t spend it either');
  });
});

const tampers: readonly ((link: string, name: string) => string)[] = [
  (link, name) => changed(link, (query) => query.set(name, `${query.get(name)}x`)),
  (link, name) => changed(link, (query) => query.set(name, '')),
  (link, name) => changed(link, (query) => query.delete(name)),
  (link, name) => changed(link, (query) => query.append(name, query.get(name) ?? '')),
  (link, name) => changed(link, (query) => query.append(`${name}2`, 'x')),
];

function changed(link: string, change: (query: URLSearchParams) => void): string {
  const url = new URL(link);
  change(url.searchParams);
  return url.href;
}
