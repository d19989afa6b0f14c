import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { signUrl } from '../../src/identity/signed-url.ts';
import { createSealer } from '../../src/identity/sealer.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { assertRefused } from './sign-in-steps.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** A secret that got out is worth something until it is taken from the list, and nothing from then on. */
describe('what is sealed and signed by a secret that was retired', () => {
  const [retired, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`shared_secret: [${current.toString('base64')}, ${retired.toString('base64')}]
cookie_secret: ${Buffer.alloc(32, 3).toString('base64')}
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it('opens no door: a cookie for a session whose id is known, a link, a hand-over', async () => {
    const page = street.url('app', '/page');
    const victim = new Visitor(street.house, street.provider);
    await victim.arrive(page);
    const cookie = victim.jar.cookie(page, '_pomerium') ?? '';
    const host = 'host app.postern.test';
    const id = createSealer([current], 'session cookie').open(cookie, host) ?? assert.fail();
    const forged = createSealer([retired], 'session cookie').seal(id, host);
    const ask = async (value: string): Promise<number> =>
      (await new Visitor(street.house).visit(page, { headers: { cookie: `_pomerium=${value}` } })).status;
    assert.equal(await ask(forged), 200, 'while it is in the list');

    const text = await readFile(street.house.configFile, 'utf8');
    await writeFile(street.house.configFile, text.replace(`, ${retired.toString('base64')}`, ''));
    assert.equal(await street.house.server.reload(), true);
    upstream.clear();
    assert.equal(await ask(forged), 302);
    const at = Date.now();
    const link = signUrl(
      street.url('auth', '/.pomerium/sign_in'),
      { pomerium_redirect_uri: page, pomerium_browser: 'x' },
      { keys: [retired], at },
    );
    assertRefused(await new Visitor(street.house).visit(link), 'a link');
    const base = street.url('app', '/.pomerium/callback/');
    const ticket = JSON.stringify({ id: 'x', sessionId: id, browser: 'x', returnTo: page });
    for (const keys of [[retired], [current]] as const) {
      const sealed = createSealer([retired], 'hand-over').seal(ticket, base);
      const parameters = { pomerium_redirect_uri: page, pomerium_session_encrypted: sealed };
      assertRefused(await new Visitor(street.house).visit(signUrl(base, parameters, { keys, at })), 'a hand-over');
    }
    assert.equal(upstream.bytes(), '');
    assert.equal(await ask(cookie), 200, 'the genuine one is not affected');
  });
});
