import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';
import type { CertificateLink } from '../identity/certificate-link.ts';
import type { Person } from '../identity/person.ts';
import type { EndpointContext } from './endpoint.ts';
import { errorReply } from './error-reply.ts';
import { isSameOrigin } from './is-same-origin.ts';
import { notFound } from './not-found.ts';
import type { ShownHere } from './pages/certificates-page.ts';
import { certificatesPage } from './pages/certificates-page.ts';
import { pageReply } from './pages/page-reply.ts';
import { redirectReply } from './redirect-reply.ts';

const path = '/.pomerium/certificates';

/**
 * `/.pomerium/certificates`: on the certificate host somebody signed in sees, links and unlinks certificates; any other host leads there.
 */
export async function serveCertificates(context: EndpointContext): Promise<Reply> {
  const { inbound, identity, person, certificateUrl, isCertificateHost, authenticateUrl } = context;
  if (certificateUrl === undefined || authenticateUrl === undefined) return notFound(context);
  if (isCertificateHost !== true) return redirectReply({ location: `${certificateUrl.origin}${path}` });
  if (inbound.method === 'POST') return change(context);
  return person === undefined ? redirectReply(identity.startSignIn(inbound)) : show(context, person);
}

async function show(context: EndpointContext, person: Person): Promise<Reply> {
  const { inbound, identity, signOutOrigins = [] } = context;
  const links = await identity.linksOf(person.id);
  const actionOf = (action: 'link' | 'unlink', fingerprint: string): string =>
    `${path}?form=${identity.linkForms.write(person, { action, fingerprint })}`;
  const main = certificatesPage({ person, links, shown: shownHere(context, links), actionOf });
  // A form that is sent after the session has ended leads to signing in, and so to wherever the provider is.
  return pageReply({ status: 200, title: 'Your certificates', main, reference: inbound.id, formOrigins: signOutOrigins });
}

function shownHere({ inbound, identity, certificate }: EndpointContext, links: readonly CertificateLink[]): ShownHere {
  if (certificate === undefined) return { kind: 'nothing' };
  if (!certificate.valid || certificate.leaf === undefined) return { kind: 'invalid' };
  if (links.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) return { kind: 'linked' };
  return identity.mayLink(inbound) ? { kind: 'new', certificate: certificate.leaf } : { kind: 'not-yours-to-link' };
}

/**
 * A browser sends cookie and certificate along with whatever any page makes it send (CVE-2025-54286). So a change has to come from a page of
 * this origin, and from a form that was shown to this session, about this certificate.
 */
async function change(context: EndpointContext): Promise<Reply> {
  const { inbound, identity, person } = context;
  if (!isSameOrigin(inbound)) return refuse(inbound, 403, 'Another site asked for this, so nothing was changed.');
  if (person === undefined) return redirectReply({ status: 303, location: path });
  const [text = '', ...others] = new URLSearchParams(inbound.query).getAll('form');
  const form = others.length === 0 ? identity.linkForms.read(person, text) : undefined;
  if (form === undefined)
    return refuse(inbound, 403, 'The page was open for too long, or belongs to another session. Nothing was changed.');
  if (form.action === 'unlink') await identity.unlink(person.id, form.fingerprint);
  else {
    const refusal = await link(context, person, form.fingerprint);
    if (refusal !== undefined) return refusal;
  }
  return redirectReply({ status: 303, location: path });
}

/** Undefined: it is linked. */
async function link({ inbound, identity, certificate }: EndpointContext, person: Person, fingerprint: string): Promise<Reply | undefined> {
  if (!identity.mayLink(inbound))
    return refuse(inbound, 403, 'Only somebody who signed in at the identity provider can link a certificate. Nothing was changed.');
  const leaf = certificate?.valid === true ? certificate.leaf : undefined;
  // What counts is what this connection shows, and the visitor saw something else.
  if (leaf?.fingerprint !== fingerprint)
    return refuse(inbound, 400, 'Your browser shows another certificate now than the one on the page, or none. Nothing was linked.');
  const result = await identity.link({ person, certificate: leaf });
  return result === 'of-another'
    ? refuse(inbound, 409, 'This certificate belongs to another account. It has to be unlinked there before it can be linked to yours.')
    : undefined;
}

function refuse({ id, headers }: Inbound, status: 400 | 403 | 409, message: string): Reply {
  return errorReply({
    status,
    title: status === 409 ? 'This certificate belongs to another account' : 'Nothing was changed',
    message,
    nextStep: 'Open the page of your certificates again.',
    link: { href: path, text: 'Your certificates' },
    reference: id,
    headers,
  });
}
