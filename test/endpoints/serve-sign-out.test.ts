import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import type { HeaderList } from '../../src/http/header-list.ts';
import { alice, ask } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const target = '/.pomerium/sign_out';

describe('/.pomerium/sign_out', () => {
  const asked: readonly [method: string, headers: HeaderList][] = [
    ['GET', []],
    ['GET', ['Sec-Fetch-Site', 'none']],
    ['GET', ['Sec-Fetch-Site', 'same-origin']],
    ['GET', ['Sec-Fetch-Site', 'Same-Site']],
    ['POST', []],
    ['POST', ['Sec-Fetch-Site', 'same-origin', 'Origin', 'null']],
    ['POST', ['Sec-Fetch-Site', 'same-site']],
    ['POST', ['Sec-Fetch-Site', 'none']],
    ['POST', ['Origin', 'https://app.example:8443']],
    ['POST', ['Origin', 'HTTPS://APP.EXAMPLE:8443']],
  ];
  for (const [method, headers] of asked)
    it(`ends the session: ${method} ${headers.join(' ')}`, async () => {
      const { reply, calls } = await ask({ method, target, headers, person: alice });
      assert.deepEqual(calls, ['signOut']);
      assert.deepEqual(
        [reply.status, headerValue(reply.headers, 'location'), headerValues(reply.headers, 'set-cookie')],
        [302, 'https://elsewhere.example/signOut', ['c=1; Path=/', 'd=2']],
      );
    });

  const tricked: readonly [method: string, headers: HeaderList][] = [
    ['GET', ['Sec-Fetch-Site', 'cross-site']],
    ['GET', ['Sec-Fetch-Site', 'CROSS-SITE', 'Sec-Fetch-Dest', 'image']],
    ['GET', ['Sec-Fetch-Site', 'something-new']],
    ['GET', ['Sec-Fetch-Site', '']],
    ['GET', ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Site', 'same-origin']],
    ['GET', ['Sec-Fetch-Site', 'same-origin', 'Sec-Purpose', 'prefetch;prerender']],
    ['HEAD', []],
  ];
  for (const [method, headers] of tricked)
    it(`asks first, with one button, and changes nothing: ${method} ${headers.join(' ')}`, async () => {
      const { reply, calls } = await ask({ method, target, headers, person: alice });
      const { status, tags, csp } = readPage(reply);
      assert.deepEqual([status, calls, headerValues(reply.headers, 'set-cookie')], [200, [], []]);
      assert.deepEqual(
        tags.filter((tag) => /^<(?:form|button|input|a)\b/.test(tag)),
        ['<form method="post" action="/.pomerium/sign_out">', '<button type="submit">'],
      );
      assert.match(csp, /; form-action 'self' https:; /);
    });

  const refused: readonly HeaderList[] = [
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://app.example:8443'],
    ['Sec-Fetch-Site', 'something-new'],
    ['Origin', 'https://evil.example'],
    ['Origin', 'http://app.example:8443'],
    ['Origin', 'https://app.example'],
    ['Origin', 'https://app.example:8443.evil.example'],
    ['Origin', 'null'],
    ['Origin', ''],
    ['Origin', 'https://app.example:8443', 'Origin', 'https://evil.example'],
  ];
  for (const headers of refused)
    it(`refuses a form of another site: ${headers.join(' ')}`, async () => {
      const { reply, calls } = await ask({ method: 'POST', target, headers, person: alice });
      assert.deepEqual([reply.status, calls, headerValues(reply.headers, 'set-cookie')], [403, [], []]);
      assert.match(readPage(reply).main, /nothing was changed/);
    });

  it('compares the origin with the host alone where the port is the usual one', async () => {
    for (const authority of ['app.example', 'App.Example:443']) {
      const { calls } = await ask({ method: 'POST', target, authority, headers: ['Origin', 'https://app.example'] });
      assert.deepEqual(calls, ['signOut']);
    }
  });
});

describe('/.pomerium/signed_out', () => {
  it('says that the session has ended', async () => {
    const { reply } = await ask({ target: '/.pomerium/signed_out' });
    assert.match(readPage(reply).main, /^You are signed out /);
  });

  it('does not say so to somebody who is signed in', async () => {
    const { reply } = await ask({ target: '/.pomerium/signed_out', person: alice });
    assert.deepEqual([reply.status, headerValue(reply.headers, 'location')], [302, '/.pomerium/']);
  });
});
