import { generateKeyPairSync } from 'node:crypto';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { crlOf } from '../dangers/revocation-lists.ts';
import { client } from '../identity/provider-server.ts';
import type { Pki } from '../walk/pki.ts';

const day = 86_400_000;
const times = { from: new Date(Date.now() - day), to: new Date(Date.now() + 30 * day) };

export type Files = Readonly<Record<string, string>>;

/** Every file that the configuration below names, in two states, and the certificates that show which of them is in force. */
export interface NamedFiles {
  readonly states: readonly [Files, Files];
  /** Of the listener and of the metrics, in either state. */
  readonly server: readonly [Issued, Issued];
  readonly metrics: readonly [Issued, Issued];
  /** What an upstream shows that is believed in the first state. */
  readonly upstream: Issued;
}

export async function makeNamedFiles(pki: Pki): Promise<NamedFiles> {
  const inner = await issueAuthority({ commonName: 'Inner CA', ...times });
  const stranger = await issueAuthority({ commonName: 'Inner CA', ...times });
  const server = [pki.server, await issueServer(pki.serverCa, 'second')] as const;
  const metrics = [await issueServer(pki.serverCa, 'metrics'), await issueServer(pki.serverCa, 'metrics second')] as const;
  const proxy = [
    await issueClientCertificate(inner, { commonName: 'one', ...times }),
    await issueClientCertificate(inner, { commonName: 'two', ...times }),
  ] as const;
  const [a, b] = [pki.caA.certificatePem, pki.caB.certificatePem];
  const first: Files = {
    ...pair('server', server[0]),
    ...pair('metrics', metrics[0]),
    ...pair('proxy', proxy[0]),
    'ca-b.pem': b,
    'metrics-ca.pem': a,
    'client-ca.pem': a + b,
    'client.crl': crlOf(pki.caA, [], { number: 1n }),
    'route-ca.pem': a,
    'upstream-ca.pem': inner.certificatePem,
    'trusted.pem': inner.certificatePem,
    'signing.key': signingKey(),
    'idp-secret': `${client.secret}\n`,
    token: 'first-token\n',
  };
  const second: Files = {
    ...pair('server', server[1]),
    ...pair('metrics', metrics[1]),
    ...pair('proxy', proxy[1]),
    'ca-b.pem': b,
    'metrics-ca.pem': b,
    'client-ca.pem': a,
    'client.crl': crlOf(pki.caA, [pki.alice], { number: 2n }),
    'route-ca.pem': b,
    'upstream-ca.pem': stranger.certificatePem,
    'trusted.pem': stranger.certificatePem,
    'signing.key': signingKey(),
    'idp-secret': 'another\n',
    token: 'second-token\n',
  };
  return { states: [first, second], server, metrics, upstream: await issueServer(inner, 'inner') };
}

export interface NamedFilesAddresses {
  readonly port: number;
  readonly metricsPort: number;
  readonly issuer: URL;
  /** `https://`, with a certificate for `inner.postern.test`. */
  readonly upstream: string;
}

/**
 * A configuration that names all of them. `global` is about the client CAs and revocation lists; the hosts that are about another file
 * have CA B of their own, which none of the changes touches.
 */
export function namingAll({ port, metricsPort, issuer, upstream: to }: NamedFilesAddresses): string {
  const everybody = 'allow_public_unauthenticated_access: true';
  const own = 'tls_downstream_client_ca_file: ca-b.pem';
  return `address: 127.0.0.1:${port}
health_check_addr: 127.0.0.1:0
certificate_file: server.pem
certificate_key_file: server.key
certificate_authority_file: trusted.pem
authenticate_service_url: https://auth.postern.test:${port}
idp_provider: oidc
idp_provider_url: ${issuer.href}
idp_client_id: ${client.id}
idp_client_secret_file: idp-secret
signing_key_file: signing.key
metrics_address: 127.0.0.1:${metricsPort}
metrics_certificate_file: metrics.pem
metrics_certificate_key_file: metrics.key
metrics_client_ca_file: metrics-ca.pem
downstream_mtls: {ca_file: client-ca.pem, crl_file: client.crl}
routes:
  - {from: https://load.postern.test, response: {status: 200, body: here}, ${everybody}, ${own}}
  - {from: https://global.postern.test, response: {status: 200}, ${everybody}}
  - {from: https://route.postern.test, response: {status: 200}, ${everybody}, tls_downstream_client_ca_file: route-ca.pem}
  - {from: https://inner.postern.test, to: '${to}', tls_server_name: inner.postern.test, tls_custom_ca_file: upstream-ca.pem, ${everybody}, ${own}}
  - {from: https://shown.postern.test, to: '${to}', tls_skip_verify: true, tls_client_cert_file: proxy.pem, tls_client_key_file: proxy.key, ${everybody}, ${own}}
  - {from: https://trusted.postern.test, to: '${to}', tls_server_name: inner.postern.test, ${everybody}, ${own}}
  - {from: https://desk.postern.test, response: {status: 200}, allow_any_authenticated_user: true, ${own}}
  - {from: https://kubernetes.postern.test, to: '${to}', tls_skip_verify: true, kubernetes_service_account_token_file: token, allow_any_authenticated_user: true, ${own}}
`;
}

function issueServer(issuer: Issued, name: string): Promise<Issued> {
  return issueServerCertificate(issuer, { commonName: name, dnsNames: ['*.postern.test'], ...times });
}

function pair(name: string, issued: Issued): Files {
  return { [`${name}.pem`]: issued.certificatePem, [`${name}.key`]: issued.keyPem };
}

function signingKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
}
