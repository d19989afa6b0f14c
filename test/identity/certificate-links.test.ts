import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Secret } from '../../src/config/secret.ts';
import type { IdentityProviderSettings } from '../../src/config/settings.ts';
import type { CertificateLinks } from '../../src/identity/certificate-links.ts';
import { createCertificateLinks } from '../../src/identity/certificate-links.ts';
import { guardStore } from '../../src/identity/guard-store.ts';
import { createSealer } from '../../src/identity/sealer.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { leafOf, personNamed } from './leaf-facts.ts';

const secret = randomBytes(32);
const provider: IdentityProviderSettings = {
  kind: 'oidc',
  issuer: new URL('https://idp.example.com/'),
  clientId: 'one',
  clientSecret: new Secret('s'),
  scopes: [],
  requestParams: {},
  anyTenant: false,
};
const alice = personNamed('alice');
const bob = personNamed('bob');
const clock = { now: 0 };

function linksIn(
  store: Store,
  settings: Partial<IdentityProviderSettings> = {},
  secrets: Parameters<typeof createSealer>[0] = [secret],
): CertificateLinks {
  return createCertificateLinks({
    store: guardStore(store),
    sealer: createSealer(secrets, 'certificate link'),
    now: () => clock.now,
    provider: { ...provider, ...settings },
  });
}

function open(): Store {
  clock.now = 0;
  return openMemoryStore({ now: () => clock.now });
}

async function lettersOf(links: CertificateLinks, userId: string): Promise<string> {
  return (await links.of(userId)).map(({ fingerprint }) => fingerprint[0]).join('');
}

describe('createCertificateLinks()', () => {
  it('keeps what a person has to know of a certificate, and the account that it stands for', async () => {
    await using store = open();
    const links = linksIn(store);
    clock.now = 7;
    assert.equal(await links.link({ person: alice, certificate: leafOf('a', 100) }), 'linked');
    const expected = {
      fingerprint: 'a'.repeat(64),
      subject: 'CN=a,O=Example',
      issuer: 'CN=Example CA',
      notAfter: 100,
      linkedAt: 7,
      account: { user: 'alice', email: 'alice@example.com', name: 'alice' },
    };
    assert.deepEqual([await links.read('a'.repeat(64)), await links.of('alice')], [expected, [expected]]);
  });

  it('lists the links of one person, oldest first', async () => {
    await using store = open();
    const links = linksIn(store);
    for (const letter of ['c', 'a', 'b']) {
      clock.now += 1;
      await links.link({ person: letter === 'b' ? bob : alice, certificate: leafOf(letter, 100) });
    }
    assert.deepEqual([await lettersOf(links, 'alice'), await lettersOf(links, 'bob'), await lettersOf(links, 'ali')], ['ca', 'b', '']);
  });

  it('lets exactly one of two people who link one certificate at once have it', async () => {
    await using store = open();
    const links = linksIn(store);
    const certificate = leafOf('a', 100);
    const results = await Promise.all([links.link({ person: alice, certificate }), links.link({ person: bob, certificate })]);
    assert.deepEqual(results.toSorted(), ['linked', 'of-another']);
    assert.equal((await lettersOf(links, 'alice')) + (await lettersOf(links, 'bob')), 'a');
  });

  it('brings the account up to date when its owner links the certificate again, and keeps the day of the first time', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    clock.now = 9;
    assert.equal(await links.link({ person: { ...alice, email: 'new@example.com' }, certificate: leafOf('a', 100) }), 'already-yours');
    const { linkedAt, account } = (await links.read('a'.repeat(64))) ?? assert.fail();
    assert.deepEqual([linkedAt, account.email], [0, 'new@example.com']);
  });

  it('lets its owner see a link again that a process left half written', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    for (const key of await store.keys('link-of/')) await store.remove(key);
    assert.equal(await lettersOf(links, 'alice'), '');
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    assert.equal(await lettersOf(links, 'alice'), 'a');
  });

  it('lets nobody unlink what is not theirs', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    assert.deepEqual([await links.unlink('bob', 'a'.repeat(64)), await lettersOf(links, 'alice')], [false, 'a']);
  });

  it('lets somebody else link what its owner unlinked', async () => {
    await using store = open();
    const links = linksIn(store);
    const certificate = leafOf('a', 100);
    await links.link({ person: alice, certificate });
    const unlinked = [
      await links.unlink('alice', 'a'.repeat(64)),
      await links.unlink('alice', 'a'.repeat(64)),
      await links.read('a'.repeat(64)),
    ];
    assert.deepEqual([unlinked, await links.link({ person: bob, certificate })], [[true, false, undefined], 'linked']);
    assert.deepEqual([await lettersOf(links, 'alice'), await lettersOf(links, 'bob')], ['', 'a']);
  });

  it('never brings back a link that was unlinked while its use was noted', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    await Promise.all([links.noteUse('a'.repeat(64)), links.unlink('alice', 'a'.repeat(64)), links.noteUse('a'.repeat(64))]);
    assert.equal(await links.read('a'.repeat(64)), undefined);
  });

  it('forgets a link at the moment the certificate ends', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    clock.now = 99;
    const before = await lettersOf(links, 'alice');
    clock.now = 100;
    assert.deepEqual([before, await lettersOf(links, 'alice'), await store.count('link')], ['a', '', 0]);
  });

  it('keeps links over a change of the client, but not of the provider, where the same id is somebody else', async () => {
    await using store = open();
    await linksIn(store).link({ person: alice, certificate: leafOf('a', 100) });
    const changes: readonly Partial<IdentityProviderSettings>[] = [
      { clientId: 'two' },
      { issuer: new URL('https://other.example.com/') },
      { kind: 'azure' },
    ];
    const seen = await Promise.all(changes.map(async (change) => lettersOf(linksIn(store, change), 'alice')));
    const elsewhere = await linksIn(store, changes[1]).link({ person: bob, certificate: leafOf('a', 100) });
    assert.deepEqual([seen, elsewhere], [['a', '', ''], 'linked']);
  });

  it('shows whoever reads the store no name, and takes no record that was moved to another certificate', async () => {
    await using store = open();
    const links = linksIn(store);
    await links.link({ person: alice, certificate: leafOf('a', 100) });
    const [key = ''] = await store.keys('link/');
    const bytes = (await store.get(key)) ?? assert.fail();
    assert.doesNotMatch([Buffer.from(bytes).toString('latin1'), ...(await store.keys(''))].join(), /alice|Example/);
    await store.put(key.replace('a'.repeat(64), 'b'.repeat(64)), bytes, 100);
    assert.equal(await links.read('b'.repeat(64)), undefined);
  });

  it('seals links anew, so that they outlast the secret that sealed them', async () => {
    await using store = open();
    const newer = randomBytes(32);
    await linksIn(store).link({ person: alice, certificate: leafOf('a', 100) });
    await linksIn(store).link({ person: bob, certificate: leafOf('b', 200) });
    await linksIn(store, {}, [newer, secret]).renew(() => false);
    const links = linksIn(store, {}, [newer]);
    assert.deepEqual(
      [await lettersOf(links, 'alice'), await lettersOf(links, 'bob'), await lettersOf(linksIn(store), 'bob')],
      ['a', 'b', ''],
    );
  });

  it('stops sealing when it is told to', async () => {
    await using store = open();
    const newer = randomBytes(32);
    await linksIn(store).link({ person: alice, certificate: leafOf('a', 100) });
    await linksIn(store, {}, [newer, secret]).renew(() => true);
    assert.equal(await lettersOf(linksIn(store, {}, [newer]), 'alice'), '');
  });
});
