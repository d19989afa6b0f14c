import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { alice, ask, now } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const certificate = { subject: 'CN=alice,O=Example', fingerprint: 'ab'.repeat(32), spkiHash: 'c3BraQ==', valid: true };

describe('/.pomerium/', () => {
  it('tells somebody what is known of them, and lets them sign out', async () => {
    const { reply } = await ask({ person: alice, further: { certificate, signOutOrigins: ['http://localhost:8444'] } });
    const page = readPage(reply);
    assert.equal(
      page.main,
      'You are signed in This is what app.example knows about you. Name Alice Example E-mail alice@example.com User id alice-id ' +
        'Groups admins, staff Session ends 2 January 2026 at 04:34 UTC in 1 hour 30 minutes ' +
        `Client certificate CN=alice,O=Example Accepted here Fingerprint ${certificate.fingerprint} SHA-256 of the certificate Sign out`,
    );
    assert.deepEqual(
      page.tags.filter((tag) => /^<(?:form|button)\b/.test(tag)),
      ['<form method="post" action="/.pomerium/sign_out">', '<button type="submit">'],
    );
    assert.match(page.csp, /; form-action 'self' https: http:\/\/localhost:8444; /);
    assert.equal(headerValue(reply.headers, 'referrer-policy'), 'same-origin');
  });

  it('shows no token, no further claim and no session id', async () => {
    const { reply } = await ask({ person: alice, headers: ['Cookie', '_pomerium=COOKIE-VALUE'] });
    assert.doesNotMatch(JSON.stringify(reply), /SECRET-TOKEN|SESSION-ID|COOKIE-VALUE|access_token/);
  });

  it('says so where a name, an e-mail or groups are not known', async () => {
    const { reply } = await ask({
      person: { ...alice, name: undefined, email: '', claims: new Map(), expiresAt: Number.POSITIVE_INFINITY },
    });
    assert.match(readPage(reply).main, /Name Not known E-mail Not known User id alice-id Groups None Sign out$/);
  });

  const ends: readonly [milliseconds: number, text: string][] = [
    [59_999, 'in less than a minute'],
    [-5, 'in less than a minute'],
    [60_000, 'in 1 minute'],
    [3_600_000 * 2, 'in 2 hours 0 minutes'],
    [3_600_000 * 48, 'in 2 days'],
  ];
  for (const [left, text] of ends)
    it(`says ${text} of a session with ${left} ms left`, async () => {
      const { reply } = await ask({ person: { ...alice, expiresAt: now + left } });
      assert.ok(readPage(reply).main.includes(text));
    });

  it('tells a stranger of a route host that nobody is signed in, and where to', async () => {
    const { reply } = await ask({ further: { certificate: { ...certificate, subject: '', valid: false } } });
    const page = readPage(reply);
    assert.equal(
      page.main,
      'Nobody is signed in Your browser has no session on app.example. Client certificate Without a subject Not accepted here ' +
        `Fingerprint ${certificate.fingerprint} SHA-256 of the certificate Sign in`,
    );
    assert.ok(page.tags.includes('<a class="button" href="/.pomerium/sign_in">'));
    assert.match(page.csp, /; form-action 'self'; /);
  });

  it('offers a stranger no sign-in on the authenticate host, nor where nobody can sign in', async () => {
    for (const asked of [{ isAuthenticateHost: true }, { further: { authenticateUrl: undefined } }]) {
      const { tags } = readPage((await ask(asked)).reply);
      assert.deepEqual(
        tags.filter((tag) => tag.startsWith('<a ')),
        [],
      );
    }
  });

  it('escapes what an identity provider or a certificate authority let somebody call themselves', async () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='x'>\u202e`;
    const person = { ...alice, id: hostile, name: hostile, email: hostile, claims: new Map([['groups', [hostile, 1, true, null]]]) };
    const { reply } = await ask({ person, further: { certificate: { ...certificate, subject: hostile, fingerprint: hostile } } });
    const { main } = readPage(reply);
    assert.equal(main.split(hostile).length - 1, 6);
  });
});

describe('/.pomerium/user', () => {
  it('tells what an upstream of this host is told, without what belongs to one assertion', async () => {
    assert.deepEqual((await ask({ target: '/.pomerium/user', person: alice })).reply, {
      status: 200,
      headers: ['Content-Type', 'application/json; charset=utf-8', 'X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'],
      body: '{"sub":"alice-id","groups":["ä"]}\n',
    });
  });

  it('tells a stranger nothing, should one get there', async () => {
    const { reply } = await ask({ target: '/.pomerium/user', headers: ['Accept', 'application/json'] });
    assert.deepEqual([reply.status, reply.body], [401, '{"error":"Unauthenticated","request_id":"reference-1"}\n']);
  });
});
