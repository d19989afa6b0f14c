import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { ask } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const target = '/.pomerium/api/v1/login?pomerium_redirect_uri=x';

describe('the login of a program', () => {
  it('begins with a URL as plain text that no cache keeps', async () => {
    const { reply } = await ask({ target, begun: { kind: 'url', url: 'https://app.example/login' } });
    assert.deepEqual(
      [reply.status, headerValue(reply.headers, 'content-type'), headerValue(reply.headers, 'cache-control'), reply.body],
      [200, 'text/plain; charset=utf-8', 'no-store', 'https://app.example/login'],
    );
  });

  it('is not there on the authenticate host, nor where identity has none', async () => {
    const [nothing, elsewhere] = [
      await ask({ target }),
      await ask({ target, isAuthenticateHost: true, begun: { kind: 'url', url: 'https://app.example/login' } }),
    ];
    const finish = await ask({ target: '/.pomerium/programmatic_login', isAuthenticateHost: true });
    assert.deepEqual([nothing.reply.status, elsewhere.reply.status, finish.reply.status, finish.calls], [404, 404, 404, []]);
  });

  it('is refused with what is wrong', async () => {
    const { reply } = await ask({
      target,
      begun: { kind: 'refused', status: 400, reason: 'redirect-refused', message: 'It is <off> the list.' },
    });
    const { status, main } = readPage(reply);
    assert.equal(status, 400);
    assert.match(main, /It is <off> the list\./);
  });

  it('ends with a redirect, or with a page', async () => {
    const finished = await ask({ target: '/.pomerium/programmatic_login' });
    const refused = await ask({
      target: '/.pomerium/programmatic_login',
      outcome: { kind: 'refused', status: 400, reason: 'login-url-used', message: 'It was used.' },
    });
    assert.deepEqual(
      [finished.calls, finished.reply.status, headerValue(finished.reply.headers, 'referrer-policy'), refused.reply.status],
      [['finishLogin'], 302, 'no-referrer', 400],
    );
  });
});
