import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openUpstream } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { connectRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

type Who = 'alice' | 'bob' | 'nobody';

/**
 * People share connections, to Postern where another proxy stands in front, and to the upstream always; and they ask at the same time
 * (Traefik CVE-2026-71326 mixed up who waited for the same thing). Each request is asked anew who it is.
 */
describe('requests of several people on one connection', () => {
  let street: Street;
  let upstream: AsyncDisposable & { readonly url: string };
  const cookies = new Map<Who, string>([['nobody', 'x=y']]);

  before(async () => {
    upstream = await openUpstream(({ url = '', headers }, response) => {
      const { sub } = JSON.parse(
        Buffer.from(String(headers['x-pomerium-jwt-assertion'] ?? '.e30').split('.')[1] ?? '', 'base64url').toString(),
      ) as {
        readonly sub?: string;
      };
      // Some answers overtake others.
      setTimeout(() => response.end(`${url} ${String(headers['x-pomerium-claim-name'] ?? 'nobody')} ${sub ?? 'nobody'}`), url.length % 3);
    });
    street = await openStreet(`
jwt_claims_headers: [name]
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, prefix: /open, allow_public_unauthenticated_access: true}
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
  - {from: https://other.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
    street.provider.claims.set('alice', { name: 'alice' }).set('bob', { name: 'bob' });
    for (const who of ['alice', 'bob'] as const) {
      street.provider.account = who;
      cookies.set(who, await street.cookieAt('app'));
    }
  });

  after(async () => {
    await street[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  /** In an order that puts everybody behind everybody. */
  const turns = Array.from({ length: 90 }, (_, at): readonly [who: Who, path: string] => [
    (['alice', 'bob', 'nobody', 'bob', 'alice', 'nobody', 'nobody'] as const)[at % 7] ?? 'nobody',
    `${at % 2 === 0 ? '/open' : '/closed'}/${'x'.repeat(at % 5)}${at}`,
  ]);

  function expected([who, path]: readonly [who: Who, path: string]): readonly [number, string] {
    return who === 'nobody' && path.startsWith('/closed') ? [401, ''] : [200, `${path} ${who} ${who}`];
  }

  it('are each their own, over HTTP/2 all at once', async () => {
    const session = await connectTwo(street.house, { sni: 'app.postern.test' });
    const answers = await Promise.all(
      turns.map(([who, path]) =>
        askTwo(session, [
          [':method', 'GET'],
          [':scheme', 'https'],
          [':authority', street.authority('app')],
          [':path', path],
          ['cookie', cookies.get(who) ?? ''],
          ['accept', 'application/json'],
        ]),
      ),
    );
    session.destroy();
    assert.deepEqual(
      answers.map(({ status, body }) => [status, status === 200 ? body : '']),
      turns.map(expected),
    );
  });

  it('are each their own, over HTTP/1.1 one behind the other without waiting', async () => {
    using connection = await connectRaw(street.house, { sni: 'app.postern.test' });
    for (const [who, path] of turns) {
      const lines = [`GET ${path} HTTP/1.1`, `Host: ${street.authority('app')}`, `Cookie: ${cookies.get(who)}`, 'Accept: application/json'];
      connection.write(requestText(lines));
    }
    for (const turn of turns) {
      const answer = await connection.answer();
      assert.deepEqual([answer?.status, answer?.status === 200 ? answer.body : ''], expected(turn));
    }
  });

  it('are each their own when people sign in at the same time', async () => {
    const arrivals = (['alice', 'bob', 'alice', 'bob'] as const).map(async (who) => {
      const visitor = new Visitor(street.house, street.provider);
      // The provider signs in whoever is set at the moment: one after the other there, side by side with us.
      const signIn = (await visitor.visit(street.url('other', `/${who}`))).headers.location ?? '';
      return { who, visitor, signIn };
    });
    const begun = await Promise.all(arrivals);
    const callbacks: { readonly who: Who; readonly visitor: Visitor; readonly signIn: string }[] = [];
    for (const each of begun) {
      street.provider.account = each.who;
      callbacks.push(each);
      assert.equal((await each.visitor.arrive(each.signIn)).answer.body, `/${each.who} ${each.who} ${each.who}`);
    }
    const again = await Promise.all(
      callbacks.toReversed().map(async ({ who, visitor }) => [who, (await visitor.visit(street.url('other', '/x'))).body] as const),
    );
    for (const [who, body] of again) assert.equal(body, `/x ${who} ${who}`);
  });
});
