import { buildSession } from './build-session.ts';
import type { CertificateLinks } from './certificate-links.ts';
import type { GuardedStore } from './guard-store.ts';
import type { Sealer } from './sealer.ts';
import type { Grant, Session } from './session.ts';

/** Sessions in the store, sealed: whoever reads the store learns neither names nor tokens. */
export interface SessionRecords {
  create(session: Session): Promise<void>;
  read(id: string): Promise<Session | undefined>;
  /** Never brings a session back that was ended in the meantime. */
  replaceGrant(session: Pick<Session, 'id' | 'expiresAt'>, grant: Grant): Promise<void>;
  remove(id: string): Promise<boolean>;
  count(): Promise<number>;
}

/** A session that was begun with a linked certificate is there for as long as the link is. */
export function createSessionRecords(store: GuardedStore, sealer: Sealer, links: Pick<CertificateLinks, 'read'>): SessionRecords {
  return {
    async create(session) {
      const { userId, expiresAt, grant } = session;
      await store.put(sessionKey(session.id), seal(sessionKey(session.id), { userId, expiresAt, grant }), expiresAt);
    },
    async read(id) {
      const record = open(sessionKey(id), await store.get(sessionKey(id)));
      if (record === undefined) return undefined;
      const { userId, expiresAt, grant } = record as Pick<Session, 'userId' | 'expiresAt' | 'grant'>;
      if (await isUnlinked(userId, grant)) return undefined;
      const newer = grant.refreshToken === undefined ? undefined : open(grantKey(id), await store.get(grantKey(id)));
      return buildSession({ id, userId, expiresAt, grant: (newer as Grant | undefined) ?? grant });
    },
    // A record of its own: the session's record is written once and then only removed, so that a refresh that ends after a
    // sign-out, in this process or another, writes something that nobody will ever look at.
    async replaceGrant({ id, expiresAt }, grant) {
      await store.put(grantKey(id), seal(grantKey(id), grant), expiresAt);
    },
    async remove(id) {
      const wasThere = await store.remove(sessionKey(id));
      await store.remove(grantKey(id));
      return wasThere;
    },
    count: async () => store.count('session/'),
  };

  async function isUnlinked(userId: string, { certificate }: Grant): Promise<boolean> {
    return certificate?.isLinked === true && (await links.read(certificate.fingerprint))?.account.user !== userId;
  }

  function seal(key: string, value: unknown): Uint8Array {
    return sealer.sealBytes(JSON.stringify(value), key);
  }

  /** The key is under the seal, so that no record can be put in the place of another. Unreadable records count as absent. */
  function open(key: string, bytes: Uint8Array | undefined): unknown {
    const text = bytes === undefined ? undefined : sealer.openBytes(bytes, key);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

/** The id of the session that a record of the store is about; undefined for all other records. */
export function sessionOfKey(key: string): string | undefined {
  return /^(?:session|grant)\/(.+)$/s.exec(key)?.[1];
}

function sessionKey(id: string): string {
  return `session/${id}`;
}

function grantKey(id: string): string {
  return `grant/${id}`;
}
