import type { ProviderServer } from '../identity/provider-server.ts';
import { signInKeys } from '../walk/sign-in-keys.ts';

/** Hosts where somebody signs in; on all others everybody is nobody. */
export const sessionHosts: readonly string[] = ['open', 'desk', 'admins', 'closed', 'wild'];

export const crowdedHosts: readonly string[] = [
  ...sessionHosts,
  'rewrite',
  'rewrite',
  'rewrite',
  'desk',
  'a',
  'b',
  'mixed',
  'auth',
  'mixed',
  'ported',
  'ported',
  'unix',
  'nobody',
];

export const plainHosts: readonly string[] = ['open', 'rewrite', 'rewrite', 'closed', 'nobody'];

export interface CrowdedConfigParts {
  readonly provider: ProviderServer;
  readonly upstream: { readonly url: string };
  readonly unix: { readonly url: string };
  readonly redirectPort: number;
}

/** Every kind of route and of policy that a request can be explained for, with sessions and client certificates. */
export function crowdedConfig({ provider, upstream: { url }, unix, redirectPort }: CrowdedConfigParts): string {
  return `
http_redirect_addr: 127.0.0.1:${redirectPort}
${signInKeys(provider)}
idp_scopes: [openid, profile, email]
state_directory: state
pass_identity_headers: true
jwt_claims_headers: {X-Email: email, X-Groups: groups, X-Name: name}
set_response_headers: {X-Global: everywhere}
routes:
  - {name: open, from: https://open.postern.test, to: ${url}, allow_public_unauthenticated_access: true, allow_websockets: true, allow_spdy: true}
  - {name: claims, from: https://desk.postern.test, prefix: /claims/, to: ${url}, allowed_idp_claims: {groups: [admins, nobody]}, set_request_headers: {X-Token: 'Bearer \${pomerium.jwt}', X-Id: '\${pomerium.id_token}'}}
  - {name: cors, from: https://desk.postern.test, prefix: /cors/, to: ${url}, allowed_users: [bob], cors_allow_preflight: true}
  - {name: cluster, from: https://desk.postern.test, prefix: /cluster/, to: ${url}, allow_any_authenticated_user: true, kubernetes_service_account_token: of-the-cluster}
  - {name: dated, from: https://desk.postern.test, prefix: /dated/, to: ${url}, allow_websockets: true, policy: [{allow: {and: [{date: {after: "2020-01-01"}}, {source_ip: 127.0.0.0/8}, {claim/groups: staff}]}}]}
  - {name: desk, from: https://desk.postern.test, to: ${url}, policy: {allow: {or: [{domain: {is: example.com}}]}, deny: {or: [{http_method: DELETE}]}}}
  - {name: admins, from: https://admins.postern.test, to: ${url}, pass_identity_headers: false, policy: {allow: {and: [{groups: {has: admins}}, {http_path: {starts_with: /a}}]}}}
  - {name: closed, from: https://closed.postern.test, to: ${url}, policy: {allow: {or: [{source_ip: 10.0.0.0/8}]}}}
  - {name: a, from: https://a.postern.test, to: ${url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem, set_request_headers: {X-Fingerprint: '\${pomerium.client_cert_fingerprint}', X-Mine: ours}}
  - {name: b, from: https://b.postern.test, prefix: /a, to: ${url}, policy: {allow: {and: [{client_certificate: {san_email: bea@example.com}}]}}, tls_downstream_client_ca_file: ca-b.pem}
  - {name: mixed-a, from: https://mixed.postern.test, prefix: /a, to: ${url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: mixed, from: https://mixed.postern.test, to: ${url}, allow_any_authenticated_user: true}
  - {name: ported, from: https://ported.postern.test:8444, to: ${url}, allow_public_unauthenticated_access: true}
  - {name: covered, from: "https://p*d.postern.test", to: ${url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: unix, from: https://unix.postern.test, to: "${unix.url}", allow_public_unauthenticated_access: true, allow_websockets: true}
  - {name: wild, from: "https://w*.postern.test", to: ${url}, policy: {allow: {and: [{user: {not: bob}}]}}}
${rewritingRoutes(url)}`;
}

/** Few routes that everybody may take, for what a key changes about all of them. */
export function plainConfig({ url }: { readonly url: string }): string {
  return `
routes:
  - {name: open, from: https://open.postern.test, to: ${url}, allow_public_unauthenticated_access: true}
  - {name: closed, from: https://closed.postern.test, to: ${url}, policy: {allow: {or: [{source_ip: 10.0.0.0/8}]}}}
${rewritingRoutes(url)}`;
}

function rewritingRoutes(url: string): string {
  const open = 'allow_public_unauthenticated_access: true';
  const place = 'from: https://rewrite.postern.test';
  return `
  - {name: prefix, ${place}, prefix: /prefix/, prefix_rewrite: /other/, to: ${url}, ${open}, host_rewrite: literal.internal}
  - {name: regex, ${place}, prefix: /regex/, regex_rewrite_pattern: '^/regex/([a-z]+)(.*)$', regex_rewrite_substitution: '/\\1/of\\2', to: ${url}, ${open}, preserve_host_header: true}
  - {name: below, ${place}, prefix: /below, to: ${url}/base, ${open}, remove_request_headers: [User-Agent, X-Mine]}
  - {name: named, ${place}, prefix: /named/, to: ${url}, ${open}, host_rewrite_header: X-Named}
  - {name: tenant, ${place}, prefix: /tenant/, to: ${url}, ${open}, host_path_regex_rewrite_pattern: '^/tenant/([a-z0-9-]+)/.*$', host_path_regex_rewrite_substitution: '\\1.internal'}
  - {name: token, ${place}, prefix: /token/, to: ${url}, ${open}, set_request_headers: {X-Literal: '$$5', X-Mine: ours, X-Person: '\${pomerium.id_token}', Authorization: Basic b3Vycw==}}
  - {name: away, ${place}, prefix: /away/, ${open}, redirect: {host_redirect: other.test, port_redirect: 8080, prefix_rewrite: /, response_code: 308, strip_query: true}}
  - {name: elsewhere, ${place}, prefix: /elsewhere/, ${open}, redirect: {scheme_redirect: http, path_redirect: /there, response_code: 302}, set_response_headers: {X-Route: own}}
  - {name: gone, ${place}, path: /gone, ${open}, response: {status: 410, body: it was here}}
`;
}
