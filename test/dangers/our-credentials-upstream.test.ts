import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { askRaw, requestText } from './raw-client.ts';
import { fieldsAt } from './request-head.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** An application that got hold of somebody's session could be them everywhere, and one that is told two things believes either. */
describe('credentials on their way to an upstream', () => {
  let street: Street;
  let upstream: Recorder;
  let cookie: string;
  let value: string;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}
`);
    const pairs = (await street.cookieAt('app')).split('; ');
    cookie = pairs.find((pair) => pair.startsWith('_pomerium=')) ?? '';
    value = cookie.slice('_pomerium='.length);
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  function ask(lines: readonly string[], host = 'app'): ReturnType<typeof askRaw> {
    const own = ['GET /page HTTP/1.1', `Host: ${street.authority(host)}`];
    return askRaw(street.house, requestText([...own, ...lines]), { sni: `${host}.postern.test` });
  }

  const jars: readonly (readonly [string, readonly string[]])[] = [
    ['theirs=1', ['Cookie: theirs=1; {}']],
    ['theirs=1', ['Cookie: {}; theirs=1']],
    ['theirs=1', ['Cookie:\t {} ;theirs=1;']],
    ['theirs=1', ['Cookie: {}', 'Cookie: theirs=1', 'cookie: _pomerium_csrf=x; _pomerium_=y']],
    ['theirs=_pomerium=1', ['Cookie: theirs=_pomerium=1; {}']],
    ['theirs="', ['Cookie: theirs="; {}; _pomerium_x="']],
    ['x_pomerium=1; _Pomerium2=2', ['Cookie: x_pomerium=1; {}; _Pomerium2=2']],
  ];
  for (const [left, lines] of jars) {
    it(`has no cookie of ours: ${JSON.stringify(lines)}`, async () => {
      const answer = await ask(lines.map((line) => line.replace('{}', cookie)));
      assert.equal(answer?.status, 200);
      const cookies = fieldsAt(upstream).filter(([name]) => name === 'cookie');
      assert.deepEqual(cookies, [['cookie', left]]);
      assert.equal(upstream.bytes().includes(value), false);
    });
  }

  it('has no credential for Postern', async () => {
    for (const credential of ['Pomerium token', 'pomerium  token', 'Bearer Pomerium-token', 'bearer pomerium-token']) {
      upstream.clear();
      const answer = await ask([`Authorization: ${credential}`, 'X-Pomerium-Authorization: token'], 'public');
      assert.equal(answer?.status, 200);
      assert.doesNotMatch(upstream.bytes(), /token/, credential);
    }
  });

  it('has what is meant for the application', async () => {
    await ask([`Cookie: ${cookie}`, 'Authorization: Bearer of-the-app', 'Proxy-Authorization: Basic no']);
    const credentials = fieldsAt(upstream).filter(([name]) => name.includes('authorization'));
    assert.deepEqual(credentials, [['authorization', 'Bearer of-the-app']]);
  });

  const doubles: readonly (readonly string[])[] = [
    ['Authorization: Basic eDp5', 'Authorization: Basic eDp6'],
    ['Authorization: Basic eDp5', 'aUTHORIZATION: Basic eDp5'],
    ['X-Pomerium-Authorization: a', 'X-Pomerium-Authorization: b'],
    ['Proxy-Authorization: Basic eDp5', 'Proxy-Authorization: Basic eDp6'],
    ['Content-Type: text/plain', 'Content-Type: application/json'],
    ['Origin: https://app.postern.test', 'Origin: https://evil.example'],
    ['Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Mode: cors'],
  ];
  for (const double of doubles) {
    it(`is refused when it is sent twice: ${JSON.stringify(double)}`, async () => {
      const answer = await ask([`Cookie: ${cookie}`, ...double]);
      assert.equal(answer?.status, 400);
      assert.equal(upstream.bytes(), '');
    });
  }

  it('decides nothing when it is a session token in the wrong place', async () => {
    const attempts: readonly (readonly string[])[] = [
      [`Authorization: Pomerium ${value}`],
      [`Authorization: Bearer Pomerium-${value}`],
      [`X-Pomerium-Authorization: ${value}`],
    ];
    for (const attempt of attempts) assert.equal((await ask(attempt))?.status, 401, attempt.join());
    const own = [`GET /page?pomerium_session=${value} HTTP/1.1`, `Host: ${street.authority('app')}`];
    assert.equal((await askRaw(street.house, requestText(own), { sni: 'app.postern.test' }))?.status, 401);
    assert.equal(upstream.bytes(), '');
  });
});
