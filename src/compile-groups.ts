import { demandOf } from './certificate-demand.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { Settings } from './config/settings.ts';
import type { Trusts } from './compile-trusts.ts';
import { parseHostPattern } from './http/host-table.ts';
import type { HostDemand, TlsGroupsResult } from './listener/tls-groups.ts';
import { buildTlsGroups } from './listener/tls-groups.ts';
import type { SnapshotServices } from './services.ts';

/** Which host asks for which certificates, and which server certificate it shows. */
export function compileGroups(settings: Settings, trusts: Trusts, { fallbackCertificate }: SnapshotServices): TlsGroupsResult {
  const { routes, authenticate, certificateSignIn, certificates, downstreamMtls } = settings;
  const ofRoutes = routes.map((route, index): HostDemand => {
    const trust = trusts.byRoute[index];
    return { host: route.host, port: route.port, anchors: anchorsOf(trust), mode: demandOf(route, trust, settings).mode };
  });
  // Whoever comes there without a certificate is told what to do: it is never required.
  const signInHost = certificateSignIn === undefined ? undefined : parseHostPattern(certificateSignIn.hostname);
  const ofSignIn: readonly HostDemand[] =
    signInHost === undefined || trusts.everywhere === undefined
      ? []
      : [{ host: signInHost, port: undefined, anchors: anchorsOf(trusts.everywhere), mode: 'request' }];
  return buildTlsGroups({
    hosts: [...ofRoutes, ...ofSignIn],
    plainHosts: authenticate === undefined ? [] : [authenticate.hostname],
    certificates: certificates.map(({ certificate, key }) => ({
      certificatePem: certificate.text,
      keyPem: key.text,
      label: certificate.label,
    })),
    fallback: fallbackCertificate,
    sendCaNames: downstreamMtls.sendCaNames,
    allowPartialChain: downstreamMtls.allowPartialChain,
  });
}

function anchorsOf(trust: CertificateTrust | undefined): readonly string[] {
  return trust?.bundle.anchors.map(({ pem }) => pem) ?? [];
}
