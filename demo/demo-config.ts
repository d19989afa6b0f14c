import type { DemoHost } from './demo-hosts.ts';
import { demoHosts, describeHost, domain, originOf } from './demo-hosts.ts';

export interface DemoConfigOptions {
  readonly port: number;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly provider: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string };
  readonly upstreamPorts: Readonly<Record<DemoHost['upstream'], number>>;
}

/** The configuration file of the demo: real, readable, and the only thing that Postern is told. */
export function writeDemoConfig({ port, metricsPort, healthPort, provider, upstreamPorts }: DemoConfigOptions): string {
  return `# The configuration that the demo runs with. "npm start" writes it anew each time. While the demo runs you may change it: what you
# save is in force within two seconds, and a mistake is refused and told in postern.log. File names are relative to this file.

address: 127.0.0.1:${port}
certificates:
  - cert: server.pem   # for *.${domain}
    key: server.key
metrics_address: 127.0.0.1:${metricsPort}
health_check_addr: 127.0.0.1:${healthPort}
state_directory: sessions

# Where people sign in: Postern sends them from this host to the provider and back.
authenticate_service_url: ${originOf('auth', port)}
idp_provider: oidc
idp_provider_url: ${provider.issuer}
idp_client_id: ${provider.clientId}
idp_client_secret: ${provider.clientSecret}
idp_scopes: [openid, profile, email, groups, offline_access]

# Applications get the signed assertion, and these claims as headers x-pomerium-claim-email and x-pomerium-claim-groups.
pass_identity_headers: true
jwt_claims_headers: [email, groups]

routes:
${demoHosts.map((host) => routeOf(host, port, upstreamPorts[host.upstream])).join('\n\n')}
`;
}

function routeOf(host: DemoHost, port: number, upstreamPort: number): string {
  const { name, upstream, access } = host;
  return [
    `  # Lets in ${describeHost(host)}`,
    `  - name: ${name}`,
    `    from: ${originOf(name, port)}`,
    `    to: http://127.0.0.1:${upstreamPort}   # the application "${upstream}"`,
    ...access.map((line) => `    ${line}`),
  ].join('\n');
}
