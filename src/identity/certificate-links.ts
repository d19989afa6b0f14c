import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LinkedAccount } from '../certificate/certificate-mapping.ts';
import type { LeafFacts } from '../certificate/verdict.ts';
import type { IdentityProviderSettings } from '../config/settings.ts';
import type { CertificateLink, LinkAttempt, LinkResult } from './certificate-link.ts';
import type { GuardedStore } from './guard-store.ts';
import type { Person } from './person.ts';
import type { Sealer } from './sealer.ts';

/** A link as the store keeps it. */
export interface LinkRecord extends CertificateLink {
  readonly account: LinkedAccount;
}

/** Links in the store, sealed. One record a certificate, so that it can't be two people's; beside it one that says whose to look for. */
export interface CertificateLinks {
  read(fingerprint: string): Promise<LinkRecord | undefined>;
  /** Oldest first. */
  of(userId: string): Promise<readonly LinkRecord[]>;
  link(attempt: LinkAttempt): Promise<LinkResult>;
  /** False when the certificate was not linked to this person. */
  unlink(userId: string, fingerprint: string): Promise<boolean>;
  noteUse(fingerprint: string): Promise<void>;
  /** The fingerprint that a record of the store is about; undefined for all other records. */
  fingerprintOfKey(key: string): string | undefined;
  /** Seals every link anew: they outlast the secrets that sealed them. Ends early once `isOver`. */
  renew(isOver: () => boolean): Promise<void>;
}

export interface CertificateLinksOptions {
  readonly store: GuardedStore;
  readonly sealer: Sealer;
  readonly now: () => number;
  readonly provider: IdentityProviderSettings | undefined;
}

type Change = (record: LinkRecord) => { readonly record: LinkRecord; readonly until: number } | undefined;

// Of two that change one record at the same time, the second one reads what the first one wrote.
const mostTries = 5;
const restEvery = 50;

export function createCertificateLinks({ store, sealer, now, provider }: CertificateLinksOptions): CertificateLinks {
  const mark = markOf(provider);
  // A fingerprint is no secret, and one place for it is what keeps a certificate from being two people's.
  const links = `link/${mark}/`;

  const fingerprintOfKey = (key: string): string | undefined => (key.startsWith(links) ? key.slice(links.length) : undefined);

  return { read, of, link, unlink, noteUse, renew, fingerprintOfKey };

  async function read(fingerprint: string): Promise<LinkRecord | undefined> {
    return open(fingerprint, await store.get(keyOf(fingerprint)));
  }

  async function of(userId: string): Promise<readonly LinkRecord[]> {
    const prefix = prefixOf(userId);
    const records = await Promise.all((await store.keys(prefix)).map(async (key) => read(key.slice(prefix.length))));
    // What the keys say is a hint: the record says whose it is, under a seal.
    return records
      .filter((record) => record?.account.user === userId)
      .flatMap((record) => record ?? [])
      .toSorted((a, b) => a.linkedAt - b.linkedAt);
  }

  async function link({ person, certificate }: LinkAttempt): Promise<LinkResult> {
    const { fingerprint, notAfter } = certificate;
    const record = recordOf(person, certificate, now());
    const isNew = await store.add(keyOf(fingerprint), seal(record), notAfter);
    // Whoever links again what is theirs brings the account up to date.
    const isTheirs =
      isNew || (await change(fingerprint, person.id, (known) => ({ record: { ...known, account: record.account }, until: notAfter })));
    if (!isTheirs) return 'of-another';
    // Also where it was there before: a process that died between the two left a link that its owner can't see.
    await store.put(`${prefixOf(person.id)}${fingerprint}`, new Uint8Array(), notAfter);
    return isNew ? 'linked' : 'already-yours';
  }

  async function unlink(userId: string, fingerprint: string): Promise<boolean> {
    // Replaced by what has expired, and not removed: it may be another person's by now.
    const wasTheirs = await change(fingerprint, userId, (record) => ({ record, until: 0 }));
    await store.remove(`${prefixOf(userId)}${fingerprint}`);
    return wasTheirs;
  }

  async function noteUse(fingerprint: string): Promise<void> {
    const at = now();
    await change(fingerprint, undefined, (record) => ({ record: { ...record, lastUsedAt: at }, until: record.notAfter }));
  }

  async function renew(isOver: () => boolean): Promise<void> {
    for (const [index, key] of (await store.keys(links)).entries()) {
      if (isOver()) return;
      await change(key.slice(links.length), undefined, (record) => ({ record, until: record.notAfter }));
      // A file answers at once: without a rest nobody else would be answered until the last link is done.
      if (index % restEvery === 0) await nextTurn();
    }
  }

  /** Changes a link of this person (undefined: whoever's it is), if there is one and nobody else changes it every time. */
  async function change(fingerprint: string, userId: string | undefined, to: Change): Promise<boolean> {
    const key = keyOf(fingerprint);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const bytes = await store.get(key);
      const record = open(fingerprint, bytes);
      const changed = record === undefined || (userId !== undefined && record.account.user !== userId) ? undefined : to(record);
      if (bytes === undefined || changed === undefined) return false;
      if (await store.replace(key, bytes, seal(changed.record), changed.until)) return true;
    }
    return false;
  }

  function seal(record: LinkRecord): Uint8Array {
    return sealer.sealBytes(JSON.stringify(record), keyOf(record.fingerprint));
  }

  /** The key is under the seal, so that no link can be put in the place of another. Unreadable ones count as absent. */
  function open(fingerprint: string, bytes: Uint8Array | undefined): LinkRecord | undefined {
    const text = bytes === undefined ? undefined : sealer.openBytes(bytes, keyOf(fingerprint));
    return text === undefined ? undefined : (JSON.parse(text) as LinkRecord);
  }

  function keyOf(fingerprint: string): string {
    return `${links}${fingerprint}`;
  }

  function prefixOf(userId: string): string {
    return `link-of/${mark}/${hashOf(userId)}/`;
  }
}

function recordOf({ id, email, name }: Person, { fingerprint, subject, issuer, notAfter }: LeafFacts, linkedAt: number): LinkRecord {
  return { fingerprint, subject, issuer, notAfter, linkedAt, lastUsedAt: undefined, account: { user: id, email, name } };
}

/**
 * Links belong to the people of one provider: at another one the same user id is somebody else. Unlike sessions they outlive a change of
 * the client: that changes who is who at no provider but those that name people by the client, and then the old names are nobody's.
 */
function markOf(provider: IdentityProviderSettings | undefined): string {
  return provider === undefined ? 'nobody' : hashOf(JSON.stringify([provider.kind, provider.issuer.href]));
}

/** Names of people don't stand in keys. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
