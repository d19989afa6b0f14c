import type { ProviderServer } from '../../test/identity/provider-server.ts';
import { client } from '../../test/identity/provider-server.ts';
import { appHost, machinesHost } from '../bench-files.ts';

/** In every policy of a measurement. */
export const threeCriteria = 'domain: {is: example.com}}, {groups: {has: admins}}, {http_method: {in: [GET, HEAD, POST]}';

/** The full walk: session in the store on disk, three criteria, claim headers and assertion, log to a file, metrics on. */
export function posternConfiguration({ issuer }: ProviderServer, routes: string): string {
  return `
authenticate_service_url: https://auth.postern.test:{{port}}
idp_provider: oidc
idp_provider_url: ${issuer.href}
idp_client_id: ${client.id}
idp_client_secret: ${client.secret}
idp_scopes: [openid, profile, email, offline_access]
state_directory: state
metrics_address: 127.0.0.1:0
log_level: info
pass_identity_headers: true
jwt_claims_headers: [email, groups]
routes:
${routes}`;
}

/** Whose paths all lead to the one upstream; at one of two hosts a client certificate is asked for. */
export function usualRoutes(upstreamPort: number, clientCa: string): string {
  const rest = `to: http://127.0.0.1:${upstreamPort}, timeout: 2m, allow_websockets: true, policy: {allow: {and: [{${threeCriteria}}]}}`;
  return `  - {name: app, from: https://${appHost}, ${rest}}
  - {name: machines, from: https://${machinesHost}, tls_downstream_client_ca_file: ${clientCa}, ${rest}}
`;
}
