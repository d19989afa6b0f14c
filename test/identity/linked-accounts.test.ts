import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinkRecord } from '../../src/identity/certificate-links.ts';
import type { LinkedAccounts } from '../../src/identity/linked-accounts.ts';
import { createLinkedAccounts } from '../../src/identity/linked-accounts.ts';

const fingerprint = 'a'.repeat(64);
const hour = 3_600_000;

function recordOf(user: string, lastUsedAt?: number): LinkRecord {
  const account = { user, email: undefined, name: undefined };
  return { fingerprint, subject: 'CN=a', issuer: 'CN=b', notAfter: 50 * hour, linkedAt: 0, lastUsedAt, account };
}

interface Opened {
  readonly accounts: LinkedAccounts;
  readonly calls: string[];
  record: LinkRecord | undefined;
  fails: boolean;
  now: number;
}

async function unused(): Promise<never> {
  return assert.fail();
}

function open(record: LinkRecord | undefined): Opened {
  const calls: string[] = [];
  const act = async (name: string): Promise<LinkRecord | undefined> => {
    calls.push(name);
    if (opened.fails) throw new Error('disk');
    return opened.record;
  };
  const links = {
    read: async () => act('read'),
    noteUse: async () => void (await act('noteUse')),
    of: unused,
    link: unused,
    unlink: unused,
    renew: unused,
  };
  const opened: Opened = { accounts: createLinkedAccounts(links, () => opened.now), calls, record, fails: false, now: 0 };
  return opened;
}

/** As the walk asks: waits once where it is told to. */
async function ask({ accounts }: Opened): Promise<string> {
  let found = accounts.find(fingerprint);
  if (found.kind === 'loading') {
    await found.until;
    found = accounts.find(fingerprint);
  }
  await new Promise((resolve) => setImmediate(resolve));
  return found.kind === 'account' ? found.account.user : found.kind;
}

describe('createLinkedAccounts()', () => {
  it('reads a link once, and then knows the account without a wait, as one and the same object', async () => {
    const opened = open(recordOf('alice', 0));
    assert.equal(await ask(opened), 'alice');
    const [first, second] = [opened.accounts.find(fingerprint), opened.accounts.find(fingerprint)];
    assert.ok(first.kind === 'account' && second.kind === 'account' && first.account === second.account);
    assert.deepEqual(opened.calls, ['read']);
  });

  it('reads anew what was changed elsewhere, under way or not', async () => {
    const opened = open(recordOf('alice', 0));
    assert.equal(await ask(opened), 'alice');
    opened.record = recordOf('bob', 0);
    opened.accounts.forgetElsewhere(fingerprint);
    const asking = ask(opened);
    opened.record = undefined;
    opened.accounts.forgetElsewhere(fingerprint);
    assert.equal(await asking, 'none');
  });

  it('remembers that there is no link', async () => {
    const opened = open(undefined);
    assert.deepEqual([await ask(opened), await ask(opened), opened.calls], ['none', 'none', ['read']]);
  });

  it('sees within a minute what another process did, and keeps the object where it says the same', async () => {
    const opened = open(recordOf('alice', 0));
    await ask(opened);
    const before = opened.accounts.find(fingerprint);
    opened.now = 30_000;
    opened.record = recordOf('alice', 0);
    await ask(opened);
    const after = opened.accounts.find(fingerprint);
    assert.ok(before.kind === 'account' && after.kind === 'account' && before.account === after.account);
    opened.record = undefined;
    opened.now = 90_000;
    assert.deepEqual([await ask(opened), opened.calls], ['none', ['read', 'read', 'read']]);
  });

  it('forgets at once what was linked or unlinked here, whatever a read that is under way brings', async () => {
    const opened = open(recordOf('alice', 0));
    const reading = opened.accounts.find(fingerprint);
    opened.accounts.forget(fingerprint);
    if (reading.kind === 'loading') await reading.until;
    opened.record = undefined;
    assert.equal(await ask(opened), 'none');
  });

  it('says wait, and never that there is no link, while the store fails', async () => {
    const opened = open(recordOf('alice', 0));
    opened.fails = true;
    assert.deepEqual([await ask(opened), await ask(opened)], ['loading', 'loading']);
    opened.fails = false;
    assert.equal(await ask(opened), 'alice');
  });

  it('gives a link no more than a minute when the store fails later', async () => {
    const opened = open(recordOf('alice', 0));
    await ask(opened);
    opened.fails = true;
    opened.now = 59_999;
    const within = await ask(opened);
    opened.now = 60_000;
    assert.deepEqual([within, await ask(opened)], ['alice', 'loading']);
  });

  it('knows no account once the certificate has ended', async () => {
    const opened = open(recordOf('alice', 0));
    opened.now = 50 * hour;
    assert.equal(await ask(opened), 'none');
  });

  it('notes the use of a link once an hour, beside the request, and forgives a store that fails', async () => {
    const opened = open(recordOf('alice'));
    const users: string[] = [];
    for (const [at, fails] of [
      [1, false],
      [2, false],
      [hour, false],
      [hour + 1, true],
      [2 * hour + 1, false],
    ] as const) {
      opened.now = at;
      users.push(await ask(opened));
      opened.fails = fails;
    }
    await opened.accounts.settled();
    assert.deepEqual(users, ['alice', 'alice', 'alice', 'alice', 'loading']);
    assert.equal(opened.calls.filter((call) => call === 'noteUse').length, 2);
  });

  it('does not note again what another process noted', async () => {
    const opened = open(recordOf('alice', 10));
    opened.now = 11;
    await ask(opened);
    assert.deepEqual(opened.calls, ['read']);
  });
});
