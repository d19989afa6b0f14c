import type { CertificateLink } from '../../identity/certificate-link.ts';
import { descriptionRow, isolated } from './description-row.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { moment } from './moment.ts';

/** A list of linked certificates, oldest first; `after` makes what follows each of them. */
export function linkedCertificates(links: readonly CertificateLink[], after: (link: CertificateLink) => Html | undefined): Html {
  if (links.length === 0) return html`<p>No certificate is linked to your account.</p>`;
  return html`<ul class="cards">
    ${links.map((link) => html`<li>${describe(link)} ${after(link)}</li>`)}
  </ul>`;
}

function describe({ subject, issuer, notAfter, lastUsedAt, fingerprint }: CertificateLink): Html {
  return html`<dl>
    ${descriptionRow('Subject', isolated(subject, 'Without a subject'))} ${descriptionRow('Issuer', isolated(issuer, 'Without a name'))}
    ${descriptionRow('Expires', moment(notAfter) ?? 'Never')}
    ${descriptionRow('Last used', lastUsedAt === undefined ? 'Never' : (moment(lastUsedAt) ?? 'Not known'))}
    ${descriptionRow('Fingerprint', html`<span class="mono">${fingerprint}</span>`)}
  </dl>`;
}
