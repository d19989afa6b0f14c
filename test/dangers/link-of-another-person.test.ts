import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../walk/visitor.ts';
import type { Seen } from '../walk/recorder.ts';
import { openEcho } from '../walk/recorder.ts';
import type { LinkStreet } from './link-street.ts';
import { openLinkStreet } from './link-street.ts';

/** One certificate is one person's: nobody becomes somebody else by linking, and nobody takes a certificate away from its owner. */
describe('a certificate that is linked to another person', () => {
  let street: LinkStreet;
  let echo: AsyncDisposable & { readonly url: string };
  let alice: Visitor;

  before(async () => {
    echo = await openEcho();
    street = await openLinkStreet(echo.url);
    alice = await street.signIn(street.page, street.house.pki.alice);
    await street.press(alice, await street.formOf(alice, 'Link', street.house.pki.alice), street.house.pki.alice);
  });

  beforeEach(() => {
    street.provider.account = 'bob';
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  async function accountOf(): Promise<string | undefined> {
    const { body } = await new Visitor(street.house).visit(street.device, { client: street.house.pki.alice });
    return (JSON.parse(body) as Seen).headers['x-pomerium-claim-sub'];
  }

  it('stays theirs: a second person is told so, and not whose it is', async () => {
    const { alice: certificate } = street.house.pki;
    const bob = await street.signIn(street.page, certificate);
    const answer = await street.press(bob, await street.formOf(bob, 'Link', certificate), certificate);
    assert.equal(answer.status, 409);
    assert.match(answer.body, /belongs to another account/);
    assert.doesNotMatch(answer.body, /alice/i);
    assert.equal(await accountOf(), 'alice');
  });

  it('is not shown to anybody else', async () => {
    const bob = await street.signIn(street.page, undefined);
    const { body } = await bob.visit(street.page);
    assert.match(body, /No certificate is linked to your account/);
  });

  it('is not unlinked by the form of its owner in another session', async () => {
    const { alice: certificate } = street.house.pki;
    const form = await street.formOf(alice, 'Unlink', certificate);
    const bob = await street.signIn(street.page, certificate);
    assert.equal((await street.press(bob, form, certificate)).status, 403);
    assert.equal(await accountOf(), 'alice');
  });

  it('lets nobody link another one by it: for that it takes the provider', async () => {
    const { alice: certificate } = street.house.pki;
    const finder = new Visitor(street.house);
    await finder.arrive(await street.certificateButton(finder, street.page), { client: certificate });
    const { body } = await finder.visit(street.page, { client: certificate });
    assert.match(body, /signed in as <bdi>alice@example\.com/);
    assert.deepEqual([body.includes('>Link</button>'), body.includes('>Unlink</button>')], [false, true]);
  });

  it('can be linked by somebody else once its owner has unlinked it', async () => {
    const { alice: certificate } = street.house.pki;
    await street.press(alice, await street.formOf(alice, 'Unlink', certificate), certificate);
    assert.equal(await street.statusOf(certificate), 403);
    const bob = await street.signIn(street.page, certificate);
    assert.equal((await street.press(bob, await street.formOf(bob, 'Link', certificate), certificate)).status, 303);
    assert.equal(await accountOf(), 'bob');
  });
});
