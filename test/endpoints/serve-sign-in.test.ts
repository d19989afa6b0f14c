import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import type { IdentityOutcome } from '../../src/identity/create-identity.ts';
import { alice, ask } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

describe('the steps of a sign-in', () => {
  const steps: readonly [target: string, isAuthenticateHost: boolean, step: string][] = [
    ['/.pomerium/sign_in', true, 'signIn'],
    ['/oauth2/callback?code=c', true, 'finishSignIn'],
    ['/.pomerium/callback/?x=y', false, 'acceptHandOver'],
  ];
  for (const [target, isAuthenticateHost, step] of steps) {
    it(`${step} redirects with its cookies at ${target}`, async () => {
      const { reply, calls } = await ask({ target, isAuthenticateHost });
      assert.deepEqual(
        [calls, reply.status, headerValue(reply.headers, 'location'), headerValues(reply.headers, 'set-cookie')],
        [[step], 302, `https://elsewhere.example/${step}`, ['c=1; Path=/', 'd=2']],
      );
    });

    it(`${step} refuses with a page that says what to do next, and with its cookies, at ${target}`, async () => {
      const outcome: IdentityOutcome = {
        kind: 'refused',
        status: 400,
        reason: 'state-used',
        message: 'It was <used>.',
        setCookies: ['e=; Max-Age=0'],
      };
      const { reply } = await ask({ target, isAuthenticateHost, outcome });
      const { status, main } = readPage(reply);
      assert.equal(status, 400);
      assert.match(main, /^400 The sign-in could not be completed It was <used>\. What you can do Open the page that you wanted again/);
      assert.doesNotMatch(String(reply.body), /state-used/);
      assert.deepEqual(headerValues(reply.headers, 'set-cookie'), ['e=; Max-Age=0']);
    });
  }

  it('keeps the usual title of a refusal that is not about the request', async () => {
    const { reply } = await ask({
      target: '/oauth2/callback',
      isAuthenticateHost: true,
      outcome: { kind: 'refused', status: 403, reason: 'r', message: 'M.' },
    });
    assert.match(readPage(reply).main, /^403 You do not have access M\. /);
  });
});

describe('/.pomerium/sign_in of a route host', () => {
  it('starts a sign-in that comes back here', async () => {
    const { reply, calls } = await ask({ target: '/.pomerium/sign_in' });
    assert.deepEqual(
      [calls, reply.status, headerValue(reply.headers, 'location'), headerValues(reply.headers, 'set-cookie')],
      [[], 302, 'https://auth.example/.pomerium/sign_in?x', ['b=1']],
    );
  });

  it('leads somebody who is signed in to the user page', async () => {
    const { reply } = await ask({ target: '/.pomerium/sign_in', person: alice });
    assert.equal(headerValue(reply.headers, 'location'), '/.pomerium/');
  });

  it('is not there where nobody can sign in', async () => {
    const { reply } = await ask({ target: '/.pomerium/sign_in', further: { authenticateUrl: undefined } });
    assert.equal(reply.status, 404);
  });
});
