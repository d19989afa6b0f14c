import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { RouteSettings, Settings } from './config/settings.ts';
import type { TlsMode } from './listener/tls-groups.ts';

/** What a route does with whoever brings no client certificate, or a bad one: in the handshake, and by its policy. */
export interface CertificateDemand {
  readonly mode: TlsMode;
  /** Whom the policy denies by itself: without a valid certificate; with a bad one; nobody. */
  readonly defaultDeny: 'required' | 'optional' | false;
}

type DemandingRoute = Pick<RouteSettings, 'clientCertificateMode' | 'anonymousIdentity'>;

/** `client_certificate_mode` of the route; where it says nothing, what `enforcement` says for all. */
export function demandOf(
  route: DemandingRoute,
  trust: CertificateTrust | undefined,
  { downstreamMtls }: Pick<Settings, 'downstreamMtls'>,
): CertificateDemand {
  const { enforcement } = downstreamMtls;
  const { clientCertificateMode: mode = enforcement === 'policy' ? undefined : 'required' } = route;
  // Whoever has none, or a bad one, is somebody there.
  if (route.anonymousIdentity !== undefined) return { mode: trust === undefined ? 'none' : 'request', defaultDeny: false };
  const defaultDeny = mode === 'required' || mode === 'optional' ? mode : false;
  if (trust === undefined) return { mode: 'none', defaultDeny };
  return { mode: enforcement === 'reject_connection' && mode === 'required' ? 'require' : 'request', defaultDeny };
}
