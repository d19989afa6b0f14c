import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../walk/visitor.ts';
import type { LinkStreet } from './link-street.ts';
import { openLinkStreet } from './link-street.ts';

/** A browser sends cookies and certificates along with whatever a page of another site makes it send (CVE-2025-54286). */
describe('a link that the visitor did not ask for', () => {
  let street: LinkStreet;
  let victim: Visitor;
  let form: string;

  before(async () => {
    // Nothing listens there: who gets through is told by another status than who does not.
    street = await openLinkStreet('http://127.0.0.1:9');
    victim = await street.signIn(street.page, street.house.pki.alice);
    form = await street.formOf(victim, 'Link', street.house.pki.alice);
  });

  after(() => street[Symbol.asyncDispose]());

  const attempts: readonly (readonly [status: number, method: string, headers: Readonly<Record<string, string>>])[] = [
    [200, 'GET', { 'sec-fetch-site': 'cross-site' }],
    [200, 'GET', { 'sec-fetch-site': 'same-origin' }],
    [200, 'HEAD', {}],
    [403, 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [403, 'POST', { 'sec-fetch-site': 'same-site' }],
    [403, 'POST', { 'sec-fetch-site': 'none' }],
    [403, 'POST', { 'sec-fetch-site': '' }],
    [403, 'POST', {}],
    [403, 'POST', { origin: 'null' }],
    [403, 'POST', { origin: 'https://evil.example' }],
    [403, 'POST', { origin: 'https://app.postern.test' }],
    [403, 'POST', { origin: 'https://certificate.postern.test' }],
    [405, 'PUT', { 'sec-fetch-site': 'same-origin' }],
    [405, 'OPTIONS', { origin: 'https://evil.example', 'access-control-request-method': 'POST' }],
  ];
  for (const [status, method, headers] of attempts)
    it(`changes nothing: ${method} ${JSON.stringify(headers)}`, async () => {
      const { alice } = street.house.pki;
      const answer = await victim.visit(form, { method, headers: { 'content-length': '0', ...headers }, client: alice });
      const allowed = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
      assert.deepEqual([answer.status, allowed, await street.statusOf(alice)], [status, [], 403]);
    });

  it('changes nothing without a form of ours, or by one of somebody else’s session', async () => {
    const { alice } = street.house.pki;
    const attacker = await street.signIn(street.page, alice);
    const theirs = await street.formOf(attacker, 'Link', alice);
    const forms = [street.page, `${street.page}?form=`, `${street.page}?form=x`, `${form}A`, `${form}&form=x`, theirs];
    const statuses = await Promise.all(forms.map(async (each) => (await street.press(victim, each, alice)).status));
    assert.deepEqual([statuses, await street.statusOf(alice)], [forms.map(() => 403), 403]);
  });

  it('changes nothing for somebody without a session, and by none that was begun with a certificate', async () => {
    const { alice } = street.house.pki;
    assert.equal((await street.press(new Visitor(street.house), form, alice)).status, 303);
    assert.equal(await street.statusOf(alice), 403);
  });

  it('links nothing but what the page showed: not by a connection without a certificate, or with another one', async () => {
    const { alice, ofB, expired } = street.house.pki;
    const statuses = [undefined, ofB, expired].map(async (client) => (await street.press(victim, form, client)).status);
    assert.deepEqual([await Promise.all(statuses), await street.statusOf(alice)], [[400, 400, 400], 403]);
  });

  it('is not in a frame of another site', async () => {
    const { headers } = await victim.visit(street.page, { client: street.house.pki.alice });
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
  });

  it('is one when the visitor presses the button, and unlinks by the other', async () => {
    const { alice } = street.house.pki;
    assert.equal((await street.press(victim, form, alice)).status, 303);
    // Nothing listens at the upstream.
    assert.equal(await street.statusOf(alice), 503);
    const unlink = await street.formOf(victim, 'Unlink', alice);
    const other = await victim.visit(unlink, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, client: alice });
    assert.deepEqual([other.status, await street.statusOf(alice)], [403, 503]);
    assert.equal((await street.press(victim, unlink, alice)).status, 303);
    assert.equal(await street.statusOf(alice), 403);
  });
});
