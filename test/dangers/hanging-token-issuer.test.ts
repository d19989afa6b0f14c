import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { openTokenIssuer } from '../identity/token-issuer.ts';
import { ask, openHouse } from '../walk/house.ts';
import { openRecorder } from '../walk/recorder.ts';

const audience = 'https://api.example';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Anybody can write tokens that claim to be of an issuer that happens not to answer: each of them waits for its keys. */
describe('made-up tokens of an issuer that hangs', () => {
  it('keep nobody out who has a token of another issuer', async (t) => {
    const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const hangUp = (): void => hanging.close().closeAllConnections();
    t.after(hangUp);
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    await using issuer = await openTokenIssuer();
    await using upstream = await openRecorder();
    await using house = await openHouse({
      config: `
bearer_token_format: jwt
identity_providers:
  robots: {issuer: '${issuer.issuer}', audiences: ['${audience}']}
  gone: {issuer: '${url}', audiences: ['${audience}']}
routes:
  - {name: app, from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`,
    });
    const page = `https://app.postern.test:${house.port}/`;
    const show = async (token: string): Promise<number> => {
      const { status } = await ask(house, page, { headers: { authorization: `Bearer ${token}` } });
      return status;
    };
    const begun = performance.now();
    const madeUp = Array.from({ length: 80 }, async (_, index) => {
      const claims = { iss: url, sub: `${index}`, aud: audience, exp: 4_000_000_000 };
      return show(`${encode({ alg: 'RS256' })}.${encode(claims)}.AAAA`);
    });
    // Those for whom there is no place are told so at once: by then all places are taken.
    assert.equal(await Promise.race(madeUp), 503);
    assert.equal(await show(await issuer.sign()), 200);
    assert.ok(performance.now() - begun < 5_000, 'nobody waited for the one that hangs');
    assert.match(upstream.bytes(), /^GET \/ /);
    upstream.clear();
    hangUp();
    assert.deepEqual([new Set(await Promise.all(madeUp)), upstream.bytes()], [new Set([503]), '']);
  });
});
