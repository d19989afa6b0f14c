import type { Person } from '../../identity/person.ts';
import type { CertificateFacts } from '../endpoint.ts';
import type { Html, HtmlPart } from './html.ts';
import { html } from './html.ts';
import { signOutForm } from './sign-out-pages.ts';

export interface UserPageFacts {
  readonly host: string;
  readonly person: Person;
  readonly certificate: CertificateFacts | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is known of somebody signed in, as far as it is theirs to see, and the button that ends it. */
export function userPage({ host, person, certificate, now }: UserPageFacts): Html {
  const groups = person.claims.get('groups') ?? [];
  return html`<h1>You are signed in</h1>
    <p>This is what <bdi>${host}</bdi> knows about you.</p>
    <dl>
      ${row('Name', isolated(person.name))} ${row('E-mail', isolated(person.email))} ${row('User id', isolated(person.id))}
      ${row('Groups', groups.length === 0 ? 'None' : groups.map((group, index) => html`${index > 0 && ', '}${isolated(String(group))}`))}
      ${sessionEnd(person.expiresAt, now)} ${certificateRows(certificate)}
    </dl>
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
  return html`${row(
    'Client certificate',
    html`<bdi>${subject === '' ? 'Without a subject' : subject}</bdi>
      <span class="note">${valid ? 'Accepted here' : 'Not accepted here'}</span>`,
  )}
  ${row('Fingerprint', html`<span class="mono">${fingerprint}</span> <span class="note">SHA-256 of the certificate</span>`)}`;
}

function row(term: string, description: HtmlPart): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${description}</dd>
  </div>`;
}

/** Names come from elsewhere and may be written from right to left, or pretend to be: they must not turn what stands around them. */
function isolated(text: string | undefined): Html {
  return text === undefined || text === '' ? html`Not known` : html`<bdi>${text}</bdi>`;
}

const longDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

function sessionEnd(expiresAt: number, now: number): Html {
  const date = new Date(expiresAt);
  // Beyond what a date can hold: nothing ends the session.
  if (Number.isNaN(date.getTime())) return html``;
  const when = html`<time datetime="${date.toISOString()}">${longDate.format(date)} UTC</time>`;
  return row('Session ends', html`${when} <span class="note">${remaining(expiresAt - now)}</span>`);
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
