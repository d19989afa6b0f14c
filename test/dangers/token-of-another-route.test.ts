import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { openTokenIssuer } from '../identity/token-issuer.ts';
import { ask, openHouse } from '../walk/house.ts';
import { openRecorder } from '../walk/recorder.ts';

/**
 * Own pages are on every host, and one of them gives assertions away: whoever gets one for a host shows it to the application there as the
 * word of Postern. Issuers say what they like (an `email`, for one), which is why a route may name those that it takes.
 */
describe('a bearer token that no route of a host takes', () => {
  it('gets no assertion for that host from a page of ours', async () => {
    await using trusted = await openTokenIssuer();
    await using careless = await openTokenIssuer();
    await using upstream = await openRecorder();
    const audience = 'https://api.example';
    await using house = await openHouse({
      config: `
runtime_flags: {pomerium_jwt_endpoint: true}
bearer_token_format: jwt
identity_providers:
  trusted: {issuer: '${trusted.issuer}', audiences: ['${audience}']}
  careless: {issuer: '${careless.issuer}', audiences: ['${audience}']}
routes:
  - {name: vault, from: https://vault.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true, identity_providers: [trusted]}
  - {name: toys, from: https://toys.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {name: other, from: https://other.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true, bearer_token_format: default}
`,
    });
    const show = async (host: string, path: string, token: string): Promise<{ readonly status: number; readonly audience: unknown }> => {
      const headers = { authorization: `Bearer ${token}` };
      const { status, body } = await ask(house, `https://${host}.postern.test:${house.port}${path}`, { headers });
      return { status, audience: status === 200 ? decodeJwt(body).aud : undefined };
    };
    const [good, bad] = [await trusted.sign(), await careless.sign({ email: 'carol@corp.example' })];
    const seen = [];
    for (const [host, token] of [
      ['vault', good],
      ['vault', bad],
      ['toys', bad],
      ['other', good],
      ['nowhere', good],
    ] as const)
      seen.push(await show(host, '/.pomerium/jwt', token));
    assert.deepEqual(seen, [
      { status: 200, audience: 'vault.postern.test' },
      { status: 403, audience: undefined },
      { status: 200, audience: 'toys.postern.test' },
      { status: 401, audience: undefined },
      { status: 401, audience: undefined },
    ]);
    const { status } = await ask(house, `https://vault.postern.test:${house.port}/.pomerium/user`, {
      headers: { authorization: `Bearer ${bad}` },
    });
    assert.deepEqual([status, upstream.bytes()], [403, '']);
  });
});
