import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../src/config/secret.ts';
import type { NamedText, Settings } from '../../src/config/settings.ts';
import { outcomeOf, settingsOf, told } from './given-settings.ts';

const secret = Buffer.alloc(32, 7).toString('base64');
const pem = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n';

describe('readSettings()', () => {
  it('fills in every default', () => {
    const route = 'routes: [{from: "https://app.corp.example", to: "http://127.0.0.1:8080"}]';
    const { settings } = settingsOf({
      text: `certificates: [{cert: s.pem, key: s.key}]\n${route}`,
      files: { 's.pem': 'cert', 's.key': 'key' },
    });
    const { routes, ...rest } = plain(settings);
    assert.equal(routes.length, 1);
    assert.deepEqual(rest, {
      address: [{ host: '', port: 443 }],
      insecureServer: false,
      httpRedirectAddress: undefined,
      useProxyProtocol: false,
      timeouts: { readMs: 30_000, writeMs: 0, idleMs: 300_000 },
      capacity: { connections: 20_000, connectionsPerPeer: 5_000, requests: 20_000 },
      inboundRules: { mergeSlashes: true, escapedSlashes: 'reject_request', underscores: 'reject_request' },
      forwardedFor: { append: true, trustedHops: 0 },
      certificateAuthority: undefined,
      certificates: [
        {
          certificate: { text: 'cert', label: 's.pem', path: ['certificates', 0, 'cert'] },
          key: { text: 'key', label: 's.key', path: ['certificates', 0, 'key'] },
        },
      ],
      authenticate: undefined,
      identityProvider: undefined,
      cookie: { name: '_pomerium', secrets: [], domain: undefined, httpOnly: true, sameSite: undefined, expireMs: 50_400_000 },
      bearer: { format: 'default', audiences: [], issuers: undefined },
      tokenIssuers: [],
      sharedSecrets: [],
      signingKey: undefined,
      jwtIssuerFormat: 'hostOnly',
      jwtClaimsHeaders: [],
      downstreamMtls: {
        ca: undefined,
        enforcement: 'policy_with_default_deny',
        maxVerifyDepth: 1,
        crl: undefined,
        matchSubjectAltNames: [],
        sendCaNames: true,
        allowPartialChain: true,
        requireClientAuthEku: false,
        revocation: {
          mode: 'ignore_ca_error',
          sources: ['crl_file'],
          check: 'leaf',
          staleGraceMs: 0,
          timeoutMs: 3_000,
          cacheTtlMs: 3_600_000,
          allowedHosts: [],
        },
      },
      certificateIdentities: [],
      certificateLinks: [],
      certificateAuthorities: [],
      acceptedCertificates: [],
      certificateSignIn: undefined,
      signInWithCertificate: false,
      metrics: undefined,
      healthCheckAddress: { host: '127.0.0.1', port: 28_080 },
      workers: 'auto',
      logLevel: 'info',
      logFields: [],
      signOutRedirectUrl: undefined,
      programmaticRedirectDomains: ['localhost'],
      runtimeFlags: { jwtEndpoint: false, configHotReload: true },
      stateDirectory: undefined,
    });
  });

  it('reads every key, with files relative to the file that names them', () => {
    const text = `
services: proxy, Authorize,authenticate,cache
address: [":443", "[::1]:3443"]
http_redirect_addr: ":80"
use_proxy_protocol: true
timeout_read: 10s
timeout_write: 1h
timeout_idle: 0s
max_connections: 400
max_connections_per_peer: 40
max_requests: 0
default_upstream_timeout: 5s
skip_xff_append: true
xff_num_trusted_hops: 2
normalize_path: true
merge_slashes: false
path_with_escaped_slashes_action: PATH_WITH_ESCAPED_SLASHES_ACTION_UNESCAPE_AND_REDIRECT
headers_with_underscores_action: Drop_Header
certificate_authority_file: ca.pem
set_response_headers: {X-Frame-Options: DENY}
signout_redirect_url: https://www.corp.example/bye?from=postern#top
programmatic_redirect_domain_whitelist: [LOCALHOST, cli.corp.example, "[::1]"]
bearer_token_format: JWT
identity_providers: {robots: {issuer: 'https://robots.example', jwks_url: 'https://robots.example/keys', supported_algs: [ES256], audiences: ['https://corp.example']}}
certificate: ${Buffer.from(pem).toString('base64')}
certificate_key_file: keys/server.key
authenticate_service_url: https://Auth.corp.example:8443/
idp_provider: OIDC
idp_provider_url: http://localhost:8444
idp_client_id: postern
idp_client_secret_file: client
idp_scopes: [openid]
idp_request_params: {prompt: login, login_hint: hunter3}
shared_secret: ${secret}
cookie_secret_file: cookie
cookie_name: session
cookie_domain: .corp.example
cookie_http_only: false
cookie_expire: 1h
cookie_same_site: LAX
signing_key: |
  ${pem.trim().replaceAll('\n', '\n  ')}
jwt_claims_headers: {X-Email: email}
jwt_issuer_format: URI
pass_identity_headers: true
downstream_mtls:
  ca_file: ca.pem
  enforcement: Reject_Connection
  max_verify_depth: 0
  crl_file: ca.crl
  match_subject_alt_names: [{DNS: 'a.*'}, {user_principal_name: b}]
  send_ca_names: false
  allow_partial_chain: false
  require_client_auth_eku: true
  certificate_denied_status: 401
  revocation: {mode: Strict, sources: [ocsp, crl_distribution_points, crl_file], check: chain, stale: {grace: 24h}, timeout: 5s, cache_ttl: 10m, allowed_hosts: [OCSP.corp.example, '*.ca.example', '::1', 10.0.0.5]}
certificate_identities:
  - {name: staff, ca_file: ca.pem, from: san_upn, match: '(.+@corp\\.example)', to: email, groups_from: subject_ou, groups_match: 'ou-(.*)', allowed_groups: [staff], name_from: subject_cn}
  - {name: devices, from: SERIAL, groups: [devices]}
  - {from: linked}
certificate_links: [{subject_name: robot.corp.example, ca: "-----BEGIN", user: robot, email: robot@corp.example}]
client_certificate_authorities: [{name: staff, file: ca.pem}]
accept_client_certificate: {dialect: XFCC, from: [127.0.0.1, 10.0.0.0/8, 'fd00::/8']}
certificate_sign_in_url: https://Certificate.corp.example
sign_in_methods: [idp, client_certificate]
bind_session_to_certificate: true
pass_client_certificate: [nginx, {dialect: rfc9440, chain: false, max_bytes: 4096}, xfcc]
metrics_address: 127.0.0.1:9090
metrics_basic_auth: ${Buffer.from('prometheus:hunter4').toString('base64')}
metrics_certificate_file: keys/metrics.pem
metrics_certificate_key_file: keys/server.key
metrics_client_ca: "-----BEGIN"
health_check_addr: ":1"
workers: 3
log_level: DEBUG
access_log_fields: [user-agent, headers.X-Team]
authorize_log_fields: [request-id, query, User-Agent]
runtime_flags: {pomerium_jwt_endpoint: true, config_hot_reload: false, mcp: true}
state_directory: state
people: {alice: {email: alice@corp.example}}
tests: [{name: any data}]
policy:
  - {name: first, from: https://a.corp.example, to: [unix:///run/a.sock], regex: /a.*, allowed_domains: [corp.example]}
routes:
  - from: https://*.corp.example:8443
    to: https://b.corp.example
    prefix: /b
    policy: [{allow: {or: [{accept: true}]}}]
    pass_identity_headers: false
    allow_websockets: true
    preserve_host_header: true
    set_request_headers: {X-Team: blue}
    remove_request_headers: [X-Debug]
    tls_downstream_client_ca_file: ca.pem
    timeout: 0s
`;
    const files = {
      'keys/server.key': 'key',
      'keys/metrics.pem': 'metrics',
      client: ' hunter2\n',
      cookie: `${secret}\n`,
      'ca.pem': 'ca',
      'ca.crl': 'crl',
    };
    const document = settingsOf({ text, files });
    const { routes, ...settings } = plain(document.settings);
    assert.deepEqual(settings, {
      address: [
        { host: '', port: 443 },
        { host: '::1', port: 3443 },
      ],
      insecureServer: false,
      httpRedirectAddress: { host: '', port: 80 },
      useProxyProtocol: true,
      timeouts: { readMs: 10_000, writeMs: 3_600_000, idleMs: 0 },
      capacity: { connections: 400, connectionsPerPeer: 40, requests: 0 },
      inboundRules: { mergeSlashes: false, escapedSlashes: 'unescape_and_redirect', underscores: 'drop_header' },
      forwardedFor: { append: false, trustedHops: 2 },
      certificateAuthority: { text: 'ca', label: 'ca.pem', path: ['certificate_authority_file'] },
      certificates: [
        {
          certificate: { text: pem, label: 'certificate', path: ['certificate'] },
          key: { text: 'key', label: 'keys/server.key', path: ['certificate_key_file'] },
        },
      ],
      authenticate: { url: 'https://auth.corp.example:8443/', hostname: 'auth.corp.example' },
      identityProvider: {
        kind: 'oidc',
        issuer: 'http://localhost:8444/',
        clientId: 'postern',
        clientSecret: 'hunter2',
        scopes: ['openid'],
        requestParams: { prompt: 'login', login_hint: 'hunter3' },
        anyTenant: false,
      },
      cookie: { name: 'session', secrets: [secret], domain: 'corp.example', httpOnly: false, sameSite: 'Lax', expireMs: 3_600_000 },
      bearer: { format: 'jwt', audiences: [], issuers: undefined },
      tokenIssuers: [
        {
          name: 'robots',
          issuer: 'https://robots.example',
          jwksUrl: 'https://robots.example/keys',
          algorithms: ['ES256'],
          audiences: ['https://corp.example'],
        },
      ],
      sharedSecrets: [secret],
      signingKey: { text: pem, label: 'signing_key', path: ['signing_key'] },
      jwtIssuerFormat: 'uri',
      jwtClaimsHeaders: [{ header: 'X-Email', claim: 'email' }],
      downstreamMtls: {
        ca: { text: 'ca', label: 'ca.pem', path: ['downstream_mtls', 'ca_file'] },
        enforcement: 'reject_connection',
        maxVerifyDepth: 0,
        crl: { text: 'crl', label: 'ca.crl', path: ['downstream_mtls', 'crl_file'] },
        matchSubjectAltNames: [
          { type: 'dns', pattern: 'a.*', place: ['downstream_mtls', 'match_subject_alt_names', 0, 'DNS'] },
          { type: 'user_principal_name', pattern: 'b', place: ['downstream_mtls', 'match_subject_alt_names', 1, 'user_principal_name'] },
        ],
        sendCaNames: false,
        allowPartialChain: false,
        requireClientAuthEku: true,
        revocation: {
          mode: 'strict',
          sources: ['ocsp', 'crl_distribution_points', 'crl_file'],
          check: 'chain',
          staleGraceMs: 86_400_000,
          timeoutMs: 5_000,
          cacheTtlMs: 600_000,
          allowedHosts: ['ocsp.corp.example', '*.ca.example', '[::1]', '10.0.0.5'],
        },
      },
      certificateIdentities: [
        {
          name: 'staff',
          path: ['certificate_identities', 0],
          ca: { text: 'ca', label: 'ca.pem', path: ['certificate_identities', 0, 'ca_file'] },
          from: 'san_upn',
          match: { pattern: '(.+@corp\\.example)', place: ['certificate_identities', 0, 'match'] },
          to: 'email',
          domains: [],
          sameUsersAsProvider: false,
          groups: {
            kind: 'from',
            from: 'subject_ou',
            match: { pattern: 'ou-(.*)', place: ['certificate_identities', 0, 'groups_match'] },
            allowed: ['staff'],
          },
          nameFrom: 'subject_cn',
        },
        {
          name: 'devices',
          path: ['certificate_identities', 1],
          ca: undefined,
          from: 'serial',
          match: undefined,
          to: 'user',
          domains: [],
          sameUsersAsProvider: false,
          groups: { kind: 'fixed', groups: ['devices'] },
          nameFrom: undefined,
        },
        {
          name: 'linked',
          path: ['certificate_identities', 2],
          ca: undefined,
          from: 'linked',
          match: undefined,
          to: 'user',
          domains: [],
          sameUsersAsProvider: true,
          groups: { kind: 'fixed', groups: [] },
          nameFrom: undefined,
        },
      ],
      certificateLinks: [
        {
          path: ['certificate_links', 0],
          subjectName: 'robot.corp.example',
          ca: { text: '-----BEGIN', label: 'certificate_links[0].ca', path: ['certificate_links', 0, 'ca'] },
          user: 'robot',
          email: 'robot@corp.example',
        },
      ],
      certificateAuthorities: [
        {
          name: 'staff',
          path: ['client_certificate_authorities', 0],
          file: { text: 'ca', label: 'ca.pem', path: ['client_certificate_authorities', 0, 'file'] },
        },
      ],
      acceptedCertificates: [{ dialect: 'xfcc', from: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] }],
      certificateSignIn: { url: 'https://certificate.corp.example/', hostname: 'certificate.corp.example' },
      signInWithCertificate: true,
      metrics: {
        address: { host: '127.0.0.1', port: 9090 },
        basicAuth: 'prometheus:hunter4',
        certificate: {
          certificate: { text: 'metrics', label: 'keys/metrics.pem', path: ['metrics_certificate_file'] },
          key: { text: 'key', label: 'keys/server.key', path: ['metrics_certificate_key_file'] },
        },
        clientCa: { text: '-----BEGIN', label: 'metrics_client_ca', path: ['metrics_client_ca'] },
      },
      healthCheckAddress: { host: '', port: 1 },
      workers: 3,
      logLevel: 'debug',
      logFields: ['user-agent', 'headers.X-Team', 'query'],
      signOutRedirectUrl: 'https://www.corp.example/bye?from=postern#top',
      programmaticRedirectDomains: ['localhost', 'cli.corp.example', '[::1]'],
      runtimeFlags: { jwtEndpoint: true, configHotReload: false },
      stateDirectory: resolve('etc/state'),
    });
    assert.deepEqual(
      routes.map(({ index, path, host, port, matcher, passIdentityHeaders, clientCa }) => {
        return { index, path, host, port, matcher, passIdentityHeaders, clientCa };
      }),
      [
        {
          index: 0,
          path: ['policy', 0],
          host: 'a.corp.example',
          port: undefined,
          matcher: { kind: 'regex', regex: '/a.*', place: ['policy', 0, 'regex'] },
          passIdentityHeaders: true,
          clientCa: undefined,
        },
        {
          index: 1,
          path: ['routes', 0],
          host: '*.corp.example',
          port: 8443,
          matcher: { kind: 'prefix', prefix: '/b' },
          passIdentityHeaders: false,
          clientCa: { text: 'ca', label: 'ca.pem', path: ['routes', 0, 'tls_downstream_client_ca_file'] },
        },
      ],
    );
    assert.deepEqual(
      document.files.toSorted(),
      ['ca.crl', 'ca.pem', 'client', 'config.yaml', 'cookie', 'keys/metrics.pem', 'keys/server.key'].map((name) => resolve('etc', name)),
    );
    assert.deepEqual(document.tests, { people: { alice: { email: 'alice@corp.example' } }, tests: [{ name: 'any data' }] });
  });

  it('takes the older spellings of client CA and revocation list', () => {
    const { settings } = settingsOf({
      text: `${certificate}\nclient_ca_file: ca.pem\nclient_crl: "-----BEGIN"`,
      files: { 'ca.pem': 'ca' },
    });
    assert.deepEqual([settings.downstreamMtls.ca, settings.downstreamMtls.crl], [
      { text: 'ca', label: 'ca.pem', path: ['client_ca_file'] },
      { text: '-----BEGIN', label: 'client_crl', path: ['client_crl'] },
    ] satisfies NamedText[]);
  });

  it('needs no certificate where something in front ends TLS', () => {
    const { settings, warnings } = settingsOf({ text: 'insecure_server: true' });
    assert.deepEqual([settings.insecureServer, settings.certificates, warnings.map(({ code }) => code)], [true, [], ['no-routes']]);
  });

  it('reads claims as list and as text', () => {
    const headers = ['[email, family_name]', '"email, family_name"', 'email family_name'].map((written) => {
      return settingsOf({ text: `${certificate}\njwt_claims_headers: ${written}` }).settings.jwtClaimsHeaders;
    });
    const expected = [
      { header: 'x-pomerium-claim-email', claim: 'email' },
      { header: 'x-pomerium-claim-family_name', claim: 'family_name' },
    ];
    assert.deepEqual(headers, [expected, expected, expected]);
  });

  it('does not ask for a provider where nobody is sent to sign in', () => {
    const { settings } = settingsOf({
      text: `${certificate}\nroutes: [{from: "https://a", to: "http://b", policy: {allow: {or: [{client_certificate: {san_email: x}}]}}}]`,
    });
    assert.equal(settings.identityProvider, undefined);
  });

  it('tells problems of the file, of values and of files named there at once', () => {
    assert.deepEqual(
      told({ text: 'log_levl: info\ncookie_expire: soon\ncertificate_file: absent.pem\ncertificate_key_file: absent.key' }).map(
        ({ message }) => message,
      ),
      [
        'unknown key "log_levl", did you mean "log_level"?',
        'No routes are configured: every request will be answered with 404',
        'Cannot read certificate_file "absent.pem": there is no such file',
        'Cannot read certificate_key_file "absent.key": there is no such file',
        'cookie_expire "soon" is no duration: write something like 30s, 10m or 1h30m',
      ],
    );
  });

  it('says why the configuration itself could not be read', () => {
    const messages = ['ENOENT', 'EACCES', 'EISDIR', 'EIO'].map((code) => told({ readFile: failing(code) })[0]?.message);
    messages.push(told({ readFile: () => Buffer.from([0xff, 0xfe]) })[0]?.message, told({ file: 'etc/config.toml' })[0]?.message);
    assert.deepEqual(messages, [
      'Cannot read etc/config.yaml: there is no such file',
      'Cannot read etc/config.yaml: permission denied',
      'Cannot read etc/config.yaml: it is a directory',
      'Cannot read etc/config.yaml: EIO',
      'Cannot read etc/config.yaml: it is not text in UTF-8',
      'Cannot read etc/config.toml: TOML is not supported yet, write the same keys as YAML or JSON',
    ]);
  });

  it('warns of a route that the authenticate host hides', () => {
    const text = `${certificate}\nauthenticate_service_url: https://auth.x\nroutes: [{from: "https://AUTH.x", to: "http://b"}]`;
    const result = outcomeOf({ text });
    assert.deepEqual(result.ok ? result.document.warnings.map(({ message }) => message) : [], [
      'routes[0].from is the host of authenticate_service_url, which serves no routes',
    ]);
  });

  it('keeps secrets out of dumps', () => {
    const basic = Buffer.from('prometheus:hunter3').toString('base64');
    const text = `${certificate}\nshared_secret: ${secret}\nsigning_key: "-----BEGIN hunter2"\nmetrics_address: ":1"\nmetrics_basic_auth: ${basic}`;
    const { settings } = settingsOf({ text });
    assert.deepEqual(
      [JSON.stringify(settings.sharedSecrets), String(settings.signingKey), inspect(settings.metrics?.basicAuth)],
      ['["[secret]"]', '[secret]', '[secret]'],
    );
    assert.doesNotMatch(`${JSON.stringify(settings)}${inspect(settings, { depth: 9 })}`, /hunter/);
  });

  it('gives every problem the code of its kind', () => {
    const text = [
      'log_levl: info',
      'log_format: json',
      'idp_qps: 3',
      'cookie_http_only: 1',
      'log_level: loud',
      'signing_key: x',
      'signing_key_file: y',
      'client_ca_file: absent.pem',
      'metrics_certificate: "-----BEGIN"',
      'runtime_flags: {mcp: false, mpc: true}',
      'databroker_storage_type: redis',
      'access_log_fields: [x-y-z]',
      'downstream_mtls: {match_subject_alt_names: [{dns: ""}]}',
    ].join('\n');
    assert.deepEqual(
      told({ text }).map(({ code, message }) => `${code}: ${message.split(/[ :]/, 1)[0] ?? ''}`),
      [
        'wrong-type: cookie_http_only',
        'unknown-key: unknown',
        'not-supported-yet: log_format',
        'removed-key: idp_qps',
        'conflicting-keys: signing_key',
        'no-routes: No',
        'missing-key: No',
        'missing-key: The',
        'no-effect: metrics_certificate',
        'invalid-value: log_level',
        'unknown-log-field: access_log_fields[0]',
        'not-supported-yet: runtime_flags.mcp',
        'unknown-key: unknown',
        'removed-key: databroker_storage_type',
        'unreadable-file: Cannot',
        'invalid-expression: downstream_mtls.match_subject_alt_names[0].dns',
      ],
    );
  });
});

function failing(code: string): () => Buffer {
  return () => {
    throw Object.assign(new Error('x'), { code });
  };
}

const certificate = 'certificate: "-----BEGIN"\ncertificate_key: "-----BEGIN"';

type Revealed<T> =
  T extends Secret<infer Inner>
    ? Revealed<Inner>
    : T extends Buffer | URL
      ? string
      : T extends string
        ? T
        : T extends object
          ? { [Key in keyof T]: Revealed<T[Key]> }
          : T;

/** Settings as data that `deepEqual` compares in full: secrets revealed, bytes in base64, URLs as text. */
function plain(settings: Settings): Revealed<Settings> {
  return reveal(settings) as Revealed<Settings>;
}

function reveal(value: unknown): unknown {
  if (value instanceof Secret) return reveal(value.reveal());
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (value instanceof URL) return value.href;
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}
