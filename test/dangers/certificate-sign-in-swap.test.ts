import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { LinkStreet } from './link-street.ts';
import { openLinkStreet } from './link-street.ts';
import { assertRefused, locationOf } from './sign-in-steps.ts';

/** Somebody is signed in by the certificate of somebody else: the attacker's in the victim's browser, or the victim's in the attacker's. */
describe('a sign-in with the certificate of another browser', () => {
  let street: LinkStreet;
  let upstream: Recorder;
  const page = (): string => street.url('app', '/page');

  before(async () => {
    upstream = await openRecorder();
    street = await openLinkStreet(upstream.url);
    const { alice } = street.house.pki;
    const owner = await street.signIn(street.page, alice);
    await street.press(owner, await street.formOf(owner, 'Link', alice), alice);
    upstream.clear();
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** As far as what the certificate host says, which is not followed. */
  async function answerFor(visitor: Visitor, button: string): Promise<string> {
    return locationOf(await visitor.visit(button, { client: street.house.pki.alice }), button);
  }

  it('signs nobody in by what the certificate host said to another browser, begun or not', async () => {
    const attacker = new Visitor(street.house);
    const answer = await answerFor(attacker, await street.certificateButton(attacker, page()));
    const halfWay = new Visitor(street.house);
    await street.certificateButton(halfWay, page());
    for (const victim of [new Visitor(street.house), halfWay]) {
      const { status, headers } = await victim.visit(answer);
      const cookies = (headers['set-cookie'] ?? []).filter((cookie) => !/_browser=/.test(cookie));
      assert.deepEqual([status, cookies, headers.location], [400, [], undefined]);
      assert.equal((await victim.visit(page())).status, 302, 'the victim is still nobody');
    }
    assert.equal(upstream.bytes(), '');
  });

  it('gives the attacker nothing when a victim is made to press the button of the attacker’s sign-in', async () => {
    const attacker = new Visitor(street.house);
    const button = await street.certificateButton(attacker, page());
    const victim = new Visitor(street.house);
    const answer = await answerFor(victim, button);
    assertRefused(await victim.visit(answer), 'the sign-in that the attacker began');
    assert.equal((await attacker.visit(page())).status, 302);
  });

  it('counts once, unaltered, and nowhere else', async () => {
    const visitor = new Visitor(street.house);
    const button = await street.certificateButton(visitor, page());
    const answer = await answerFor(visitor, button);
    const value = new URL(answer).searchParams.get('answer') ?? '';
    const others = [
      `${answer}A`,
      answer.replace(/answer=./, (start) => `answer=${start.endsWith('A') ? 'B' : 'A'}`),
      `${answer}&answer=${value}`,
      street.url('auth', `/oauth2/callback?code=x&state=${value}`),
      street.url('auth', `/.pomerium/certificate_callback?answer=${new URL(button).searchParams.get('request') ?? ''}`),
    ];
    for (const url of others) assertRefused(await visitor.visit(url), url.slice(0, 60));
    assert.equal((await visitor.visit(answer.replace('//auth.', '//app.'))).status, 404);
    const handOver = locationOf(await visitor.visit(answer), answer);
    assertRefused(await visitor.visit(answer), 'used before');
    assertRefused(await new Visitor(street.house).visit(handOver), 'the hand-over in another browser');
    assert.equal(locationOf(await visitor.visit(handOver), handOver), page());
  });

  it('takes no state of the provider’s way for one of the certificate’s', async () => {
    const visitor = new Visitor(street.house);
    const button = await street.certificateButton(visitor, page());
    const request = new URL(button).searchParams.get('request') ?? '';
    assertRefused(await visitor.visit(street.url('auth', `/oauth2/callback?code=x&state=${request}`)), 'a request in the place of a state');
    assertRefused(await visitor.visit(button.replace(request, 'x'), { client: street.house.pki.alice }), 'a made-up request');
  });

  it('signs nobody in at the certificate host over a connection for another one', async () => {
    const visitor = new Visitor(street.house);
    const button = await street.certificateButton(visitor, page());
    const { status } = await visitor.visit(button, { sni: 'auth.postern.test', client: street.house.pki.alice });
    assert.equal(status, 421);
  });
});
