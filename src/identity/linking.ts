import type { CertificateLink } from './certificate-link.ts';
import type { LinkRecord } from './certificate-links.ts';
import { createLinkForms } from './link-forms.ts';
import { createLinkedAccounts } from './linked-accounts.ts';
import type { SessionServices } from './identity-parts.ts';
import type { Identity, IdentityOptions } from './identity.ts';
import { createSealer } from './sealer.ts';

export interface Linking {
  /** The link that a record of the store is about was changed elsewhere. */
  forgetRecord(key: string): void;
  readonly face: Pick<Identity, 'accountOf' | 'linksOf' | 'link' | 'unlink' | 'mayLink' | 'linkForms'>;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/** Certificates linked to accounts. Where a secret is being replaced, all links are sealed anew beside everything else. */
export function createLinking({ now, log, secrets }: IdentityOptions, { links, cache, cookie }: SessionServices): Linking {
  const accounts = createLinkedAccounts(links, now);
  let isOver = false;
  const renewing =
    secrets.shared.length > 1
      ? links
          .renew(() => isOver)
          .catch((error: unknown) => log.warn({ error }, 'Linked certificates could not be sealed with the new secret'))
      : undefined;

  return {
    forgetRecord(key) {
      const fingerprint = links.fingerprintOfKey(key);
      if (fingerprint !== undefined) accounts.forgetElsewhere(fingerprint);
    },
    face: {
      accountOf: (fingerprint) => accounts.find(fingerprint),
      linksOf: async (userId) => (await links.of(userId)).map(withoutAccount),
      async link({ person, certificate }) {
        const result = await links.link({ person, certificate });
        accounts.forget(certificate.fingerprint);
        const { fingerprint, subject } = certificate;
        if (result === 'linked') log.info({ user: person.id, fingerprint, subject }, 'A certificate was linked to an account');
        if (result === 'of-another')
          log.warn({ user: person.id, fingerprint, subject }, 'A certificate was not linked: it belongs to another account');
        return result;
      },
      async unlink(userId, fingerprint) {
        const wasTheirs = await links.unlink(userId, fingerprint);
        accounts.forget(fingerprint);
        if (wasTheirs) log.info({ user: userId, fingerprint }, 'A certificate was unlinked from an account');
        return wasTheirs;
      },
      mayLink(inbound) {
        const id = cookie.read(inbound);
        const found = id === undefined ? undefined : cache.find(id);
        // What is linked works for as long as the certificate does: more than who has a token, or a card that was found, may ask for.
        return found?.kind === 'session' && !found.session.isByCertificate;
      },
      linkForms: createLinkForms(createSealer(secrets.shared, 'link form'), now),
    },
    async settled() {
      isOver = true;
      await Promise.all([renewing, accounts.settled()]);
    },
  };
}

function withoutAccount({ fingerprint, subject, issuer, notAfter, linkedAt, lastUsedAt }: LinkRecord): CertificateLink {
  return { fingerprint, subject, issuer, notAfter, linkedAt, lastUsedAt };
}
