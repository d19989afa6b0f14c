import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * Whoever may choose what the provider says is their address chooses one that ends, begins or looks like one of the company
 * (oauth2-proxy CVE-2026-40574): only the very address, or exactly one domain behind exactly one `@`, is what a rule means.
 */
describe('an address that is only nearly one of the company', () => {
  let street: Street;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    street = await openStreet(`
jwt_claims_headers: [email]
routes:
  - {from: https://app.postern.test, path: /domain, to: ${upstream.url}, allowed_domains: [corp.example]}
  - {from: https://app.postern.test, path: /person, to: ${upstream.url}, allowed_users: [alice@corp.example]}
  - {from: https://app.postern.test, path: /ends, to: ${upstream.url}, policy: {allow: {or: [email: {ends_with: '@corp.example'}]}}}
  - {from: https://app.postern.test, path: /claim, to: ${upstream.url}, policy: {allow: {or: [claim/email: alice@corp.example]}}}
`);
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** How each path answers somebody of whom the provider says this. */
  async function statuses(claims: Readonly<Record<string, unknown>>, paths: readonly string[]): Promise<readonly number[]> {
    street.provider.claims.set('mallory', claims);
    street.provider.account = 'mallory';
    const visitor = new Visitor(street.house, street.provider);
    const found: number[] = [];
    for (const path of paths) found.push((await visitor.arrive(street.url('app', path))).answer.status);
    return found;
  }

  const paths = ['/domain', '/person', '/ends'];
  const addresses: readonly string[] = [
    'mallory@evil.test@corp.example',
    'mallory@corp.example@evil.test',
    'alice@corp.example@evil.test',
    '@corp.example',
    'corp.example',
    'alice@',
    'mallory@corp.example.evil.test',
    'mallory@evil-corp.example',
    'mallory@corp.example.',
    'mallory@corp.example\0',
    'mallory@evil.test\0@corp.example',
    'mallory@evil.test\r\nX-Evil: alice@corp.example',
    'mallory@corp.example ',
    ' alice@corp.example',
    'mallory@evil.test, alice@corp.example',
    'mallory@evil.test alice@corp.example',
    '"alice@corp.example"@evil.test',
    'alice@cоrp.example',
    'alice@corp。example',
    'alice＠corp.example',
    'alice@corp.example%00',
    `${'a'.repeat(400)}@corp.example`,
  ];

  for (const email of addresses) {
    it(`is nobody of it: ${JSON.stringify(email.length > 60 ? `${email.slice(0, 10)}…` : email)}`, async () => {
      assert.deepEqual(await statuses({ email, email_verified: true }, paths), [403, 403, 403]);
      assert.equal(upstream.bytes(), '');
    });
  }

  it('is nobody of it where the provider did not check it, or says it as a list or an object', async () => {
    const email = 'alice@corp.example';
    for (const claims of [
      { email, email_verified: false },
      { email, email_verified: 'false' },
      { email: [email], email_verified: true },
      { email: { address: email }, email_verified: true },
      { email: 'mallory@evil.test', 'e-mail': email, Email: email },
      { name: email, preferred_username: email, nickname: email },
    ])
      assert.deepEqual(await statuses(claims, paths), [403, 403, 403], JSON.stringify(claims));
    assert.equal(upstream.bytes(), '');
    assert.deepEqual(await statuses({ email, email_verified: false }, ['/claim']), [403], 'and no claim either');
  });

  it('is somebody of it when it is the address', async () => {
    assert.deepEqual(await statuses({ email: 'alice@corp.example', email_verified: true }, [...paths, '/claim']), [200, 200, 200, 200]);
    assert.deepEqual(
      [...upstream.bytes().matchAll(/^x-pomerium-claim-email: (.*)\r$/gim)].map(([, value]) => value),
      [...paths, '/claim'].map(() => 'alice@corp.example'),
    );
  });
});
