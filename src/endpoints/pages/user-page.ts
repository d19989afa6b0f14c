import type { CertificateLink } from '../../identity/certificate-link.ts';
import type { Person } from '../../identity/person.ts';
import type { CertificateFacts } from '../endpoint.ts';
import { descriptionRow, isolated } from './description-row.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { linkedCertificates } from './linked-certificates.ts';
import { moment } from './moment.ts';
import { signOutForm } from './sign-out-pages.ts';

export interface UserPageFacts {
  readonly host: string;
  readonly person: Person;
  readonly certificate: CertificateFacts | undefined;
  /** Certificates that stand for this person, and where they are linked; undefined: nowhere. */
  readonly linking: { readonly url: string; readonly links: readonly CertificateLink[] } | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is known of somebody signed in, as far as it is theirs to see, and the button that ends it. */
export function userPage({ host, person, certificate, linking, now }: UserPageFacts): Html {
  const groups = person.claims.get('groups') ?? [];
  return html`<h1>You are signed in</h1>
    <p>This is what <bdi>${host}</bdi> knows about you.</p>
    <dl>
      ${descriptionRow('Name', isolated(person.name))} ${descriptionRow('E-mail', isolated(person.email))}
      ${descriptionRow('User id', isolated(person.id))}
      ${descriptionRow('Groups', groups.length === 0 ? 'None' : groups.map((group, index) => html`${index > 0 && ', '}${isolated(String(group))}`))}
      ${sessionEnd(person.expiresAt, now)} ${certificateRows(certificate)}
    </dl>
    ${
      linking !== undefined &&
      html`<h2>Linked certificates</h2>
        ${linkedCertificates(linking.links, () => undefined)}
        <p><a href="${linking.url}">Link or unlink certificates</a></p>`
    }
    ${signOutForm}`;
}

export interface NobodyPageFacts {
  readonly host: string;
  readonly canSignIn: boolean;
  readonly certificate: CertificateFacts | undefined;
}

/** For a stranger, who may still have shown a certificate. */
export function nobodyPage({ host, canSignIn, certificate }: NobodyPageFacts): Html {
  return html`<h1>Nobody is signed in</h1>
    <p>
      Your browser has no session on
      <bdi>${host}</bdi
      >.${!canSignIn && html` When you open an application that needs one, you are asked to sign in and then brought back.`}
    </p>
    ${certificate !== undefined && html`<dl>${certificateRows(certificate)}</dl>`}
    ${canSignIn && html`<p><a class="button" href="/.pomerium/sign_in">Sign in</a></p>`}`;
}

function certificateRows(certificate: CertificateFacts | undefined): Html {
  if (certificate === undefined) return html``;
  const { subject, fingerprint, valid } = certificate;
  return html`${descriptionRow(
    'Client certificate',
    html`<bdi>${subject === '' ? 'Without a subject' : subject}</bdi>
      <span class="note">${valid ? 'Accepted here' : 'Not accepted here'}</span>`,
  )}
  ${descriptionRow('Fingerprint', html`<span class="mono">${fingerprint}</span> <span class="note">SHA-256 of the certificate</span>`)}`;
}

function sessionEnd(expiresAt: number, now: number): Html {
  const when = moment(expiresAt);
  // Beyond what a date can hold: nothing ends the session.
  if (when === undefined) return html``;
  return descriptionRow('Session ends', html`${when} <span class="note">${remaining(expiresAt - now)}</span>`);
}

/** In whole units, rounded down, so that nobody counts on time that they do not have. */
function remaining(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'in less than a minute';
  const hours = Math.floor(minutes / 60);
  if (hours < 1) return `in ${counted(minutes, 'minute')}`;
  if (hours < 48) return `in ${counted(hours, 'hour')} ${counted(minutes % 60, 'minute')}`;
  return `in ${counted(Math.floor(hours / 24), 'day')}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
