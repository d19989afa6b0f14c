import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import type { ShownCertificate } from '../identity/certificate-sign-in.ts';
import type { EndpointContext } from './endpoint.ts';
import { outcomeReply } from './outcome-reply.ts';

/** `/.pomerium/certificate_sign_in` of the certificate host: where the button of the sign-in page leads. */
export async function askCertificate(context: EndpointContext): Promise<Reply> {
  const { inbound, identity } = context;
  return outcomeReply(await identity.askCertificate(inbound, await shownCertificate(context)), inbound);
}

/** `/.pomerium/certificate_callback` of the authenticate host: the certificate host sends the visitor back. */
export async function finishCertificateSignIn({ inbound, identity }: EndpointContext): Promise<Reply> {
  return outcomeReply(await identity.finishCertificateSignIn(inbound), inbound);
}

async function shownCertificate({ certificate, certificateIdentity }: EndpointContext): Promise<ShownCertificate> {
  if (certificate?.valid !== true || certificate.leaf === undefined || certificateIdentity === undefined) return { kind: 'none' };
  let mapping = certificateIdentity();
  if (mapping.kind === 'loading') {
    await mapping.until;
    mapping = certificateIdentity();
  }
  switch (mapping.kind) {
    case 'mapped':
      return { kind: 'mapped', identity: mapping.identity, leaf: certificate.leaf };
    case 'not-mapped':
      return mapping;
    case 'loading':
      throw new ProxyFailure('store-failed', 'Cannot read the account of a certificate: it was not there after waiting for it');
  }
}
