import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { client, openProvider } from '../identity/provider-server.ts';
import { ask } from '../walk/house.ts';
import { openRecorder } from '../walk/recorder.ts';
import { Visitor } from '../walk/visitor.ts';
import { openStreet } from './street.ts';

/** An operator leaves a provider, perhaps because it was broken into. Its `alice` need not be the `alice` of the next one. */
describe('a session that was begun at another provider than the one that is configured', () => {
  it('is nobody as soon as the configuration names the new one, by cookie and by session token, and lives again with the old one', async () => {
    await using upstream = await openRecorder();
    await using street = await openStreet(`
routes:
  - {from: https://app.postern.test, to: ${upstream.url}, allow_any_authenticated_user: true}
`);
    await using next = await openProvider(`https://auth.postern.test:${street.house.port}`);
    const page = street.url('app', '/page');
    const alice = new Visitor(street.house, street.provider);
    assert.equal((await alice.arrive(page)).answer.status, 200);
    const token = await tokenOf(alice, street.url('app'));
    const statuses = async (): Promise<readonly number[]> => [
      (await alice.visit(page)).status,
      (await ask(street.house, page, { headers: { authorization: `Pomerium ${token}` } })).status,
    ];
    assert.deepEqual(await statuses(), [200, 200]);

    const old = await readFile(street.house.configFile, 'utf8');
    const reloadWith = async (text: string): Promise<void> => {
      await writeFile(street.house.configFile, text);
      assert.equal(await street.house.server.reload(), true);
    };
    await reloadWith(old.replace(street.provider.issuer.href, next.issuer.href));
    upstream.clear();
    assert.deepEqual([await statuses(), upstream.bytes()], [[302, 401], '']);
    await reloadWith(old.replace(`idp_client_id: ${client.id}`, 'idp_client_id: another'));
    assert.deepEqual([await statuses(), upstream.bytes()], [[302, 401], '']);
    await reloadWith(old);
    assert.deepEqual(await statuses(), [200, 200]);
    assert.equal(next.requests.get('/token'), undefined, 'nothing of the old provider was sent to the new one');
  });
});

async function tokenOf(visitor: Visitor, origin: string): Promise<string> {
  const { body } = await visitor.visit(`${origin}.pomerium/api/v1/login?pomerium_redirect_uri=http://127.0.0.1:1/done`);
  const { headers } = await visitor.visit(body.trim());
  return new URL(headers.location ?? '').searchParams.get('pomerium_jwt') ?? assert.fail('no token');
}
