import type { LeafFacts } from '../../certificate/verdict.ts';
import type { CertificateLink } from '../../identity/certificate-link.ts';
import type { Person } from '../../identity/person.ts';
import { descriptionRow, isolated } from './description-row.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { linkedCertificates } from './linked-certificates.ts';
import { moment } from './moment.ts';

export interface CertificatesPageFacts {
  readonly person: Person;
  readonly links: readonly CertificateLink[];
  readonly shown: ShownHere;
  /** Where the form of a button leads; what it proves is in there. */
  readonly actionOf: (action: 'link' | 'unlink', fingerprint: string) => string;
}

/** What the connection shows, and what can be done about it. */
export type ShownHere =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'linked' }
  | { readonly kind: 'not-yours-to-link' }
  | { readonly kind: 'new'; readonly certificate: LeafFacts };

/** The certificates of somebody signed in, each with a button, and the one that can be linked now. */
export function certificatesPage({ person, links, shown, actionOf }: CertificatesPageFacts): Html {
  return html`<h1>Your certificates</h1>
    <p>A certificate that is linked to your account stands for you wherever an application accepts it.</p>
    <p>You are signed in as ${isolated(person.email ?? person.name ?? person.id)}.</p>
    <h2>Linked certificates</h2>
    ${linkedCertificates(links, ({ fingerprint, subject }) => button(actionOf('unlink', fingerprint), 'Unlink', subject))}
    <h2>The certificate of your browser</h2>
    ${whatIsShown(shown, actionOf)}
    <p><a href="/.pomerium/">What is known about you</a></p>`;
}

function whatIsShown(shown: ShownHere, actionOf: CertificatesPageFacts['actionOf']): Html {
  switch (shown.kind) {
    case 'nothing':
      return html`<p>
        Your browser showed no certificate. To link one, install it first; then close all windows of the browser, because it remembers that
        none was chosen, and come back here.
      </p>`;
    case 'invalid':
      return html`<p>The certificate that your browser showed is not accepted here, so it cannot be linked.</p>`;
    case 'linked':
      return html`<p>
        It is one of those above. To link another one, close all windows of the browser, because it remembers which one was chosen, and come
        back here.
      </p>`;
    case 'not-yours-to-link':
      return html`<p>To link a certificate, sign out and sign in at your identity provider.</p>`;
    case 'new': {
      const { fingerprint, subject, issuer, notAfter } = shown.certificate;
      return html`<dl>
          ${descriptionRow('Subject', isolated(subject, 'Without a subject'))}
          ${descriptionRow('Issuer', isolated(issuer, 'Without a name'))} ${descriptionRow('Expires', moment(notAfter) ?? 'Never')}
          ${descriptionRow('Fingerprint', html`<span class="mono">${fingerprint}</span> <span class="note">SHA-256 of the certificate</span>`)}
        </dl>
        ${button(actionOf('link', fingerprint), 'Link', 'this certificate')}`;
    }
  }
}

/** Several buttons of one name: what each is about is told to those who can't see where it stands. */
function button(action: string, text: string, about: string): Html {
  return html`<form method="post" action="${action}">
    <button type="submit" aria-label="${text} ${about === '' ? 'the certificate without a subject' : about}">${text}</button>
  </form>`;
}
