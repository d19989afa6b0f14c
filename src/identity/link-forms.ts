import type { Person } from './person.ts';
import type { Sealer } from './sealer.ts';

/** What a button on the page of certificates does. */
export interface LinkForm {
  readonly action: 'link' | 'unlink';
  /** Of the certificate that the page showed: SHA-256, lower hex. */
  readonly fingerprint: string;
}

/**
 * What a form carries to prove that the page with it was shown to this very session. A browser sends cookies and certificates by itself, so
 * neither says that its owner asked for anything (CVE-2025-54286).
 */
export interface LinkForms {
  /** Fit for a URL. */
  write(person: Person, form: LinkForm): string;
  /** Undefined for what was not written for this session, or more than an hour ago. */
  read(person: Person, text: string): LinkForm | undefined;
}

const goodForMs = 3_600_000;

export function createLinkForms(sealer: Sealer, now: () => number): LinkForms {
  return {
    write: (person, { action, fingerprint }) => sealer.seal(JSON.stringify({ action, fingerprint, at: now() }), contextOf(person)),
    read(person, text) {
      const opened = person.sessionId === undefined ? undefined : sealer.open(text, contextOf(person));
      if (opened === undefined) return undefined;
      // The seal proves that the text is ours, shape included.
      const { at, ...form } = JSON.parse(opened) as LinkForm & { readonly at: number };
      // The distance counts: a clock that was set back makes nothing good for longer.
      return Math.abs(now() - at) <= goodForMs ? form : undefined;
    },
  };
}

function contextOf({ sessionId = '' }: Person): string {
  return `session ${sessionId}`;
}
