import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TokenIssuer } from '../identity/token-issuer.ts';
import { openTokenIssuer } from '../identity/token-issuer.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/**
 * The cookie says what its own session is bound to. A bearer token is bound to nothing: shown beside a cookie whose session has ended, it
 * must not take over what that cookie says, or whoever has a certificate and somebody else's token gets in with both.
 */
describe('a token beside the bound cookie of a session that has ended', () => {
  let street: Street;
  let upstream: Recorder;
  let issuer: TokenIssuer;

  before(async () => {
    [upstream, issuer] = await Promise.all([openRecorder(), openTokenIssuer()]);
    street = await openStreet(`
bearer_token_format: jwt
identity_providers:
  robots: {issuer: '${issuer.issuer}', audiences: ['https://api.example']}
routes:
  - {from: https://bound.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-a.pem, bind_session_to_certificate: true}
  - {from: https://by-key.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-a.pem, bind_session_to_certificate: spki}
`);
  });

  after(async () => {
    for (const each of [street, issuer, upstream]) await each[Symbol.asyncDispose]();
  });

  for (const host of ['bound', 'by-key'])
    it(`does not count, as without the cookie (${host})`, async () => {
      const client = street.house.pki.alice;
      const visitor = new Visitor(street.house, street.provider);
      const { answer } = await visitor.arrive(street.url(host), { client });
      assert.equal(answer.status, 200);
      const cookie = visitor.jar.cookies(street.url(host));
      await visitor.visit(street.url(host, '/.pomerium/sign_out'), { client });
      upstream.clear();
      const authorization = `Bearer ${await issuer.sign({ sub: 'bob', aud: 'https://api.example' })}`;
      const seen = [{ authorization }, { authorization, cookie }].map(async (shown) => {
        const headers = { accept: 'application/json', ...shown };
        return (await new Visitor(street.house).visit(street.url(host), { client, headers })).status;
      });
      assert.deepEqual([await Promise.all(seen), upstream.bytes() === ''], [[401, 401], true]);
    });
});
