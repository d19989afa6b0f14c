import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
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
    assert.deepEqual(plain(settings), {
      address: [{ host: '', port: 443 }],
      certificates: [
        {
          certificate: { text: 'cert', label: 's.pem', path: ['certificates', 0, 'cert'] },
          key: { text: 'key', label: 's.key', path: ['certificates', 0, 'key'] },
        },
      ],
      authenticate: undefined,
      identityProvider: undefined,
      cookie: { name: '_pomerium', secret: undefined, domain: undefined, httpOnly: true, sameSite: undefined, expireMs: 50_400_000 },
      sharedSecret: undefined,
      signingKey: undefined,
      jwtClaimsHeaders: [],
      downstreamMtls: { ca: undefined, enforcement: 'policy_with_default_deny', maxVerifyDepth: 1 },
      metricsAddress: undefined,
      healthCheckAddress: { host: '127.0.0.1', port: 28_080 },
      logLevel: 'info',
      stateDirectory: undefined,
      routes: [
        {
          index: 0,
          path: ['routes', 0],
          name: undefined,
          from: 'https://app.corp.example',
          host: 'app.corp.example',
          port: undefined,
          to: ['http://127.0.0.1:8080/'],
          matcher: { kind: 'any' },
          access: {
            publicAccess: false,
            anyAuthenticatedUser: false,
            allowedUsers: [],
            allowedDomains: [],
            policy: undefined,
            policyPath: ['routes', 0, 'policy'],
          },
          clientCa: undefined,
          allowWebsockets: false,
          preserveHostHeader: false,
          passIdentityHeaders: false,
          setRequestHeaders: [],
          removeRequestHeaders: [],
          timeoutMs: undefined,
        },
      ],
    });
  });

  it('reads every key, with files relative to the file that names them', () => {
    const text = `
address: [":443", "[::1]:3443"]
certificate: ${Buffer.from(pem).toString('base64')}
certificate_key_file: keys/server.key
authenticate_service_url: https://Auth.corp.example:8443/
idp_provider: OIDC
idp_provider_url: http://localhost:8444
idp_client_id: postern
idp_client_secret_file: client
idp_scopes: [openid]
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
pass_identity_headers: true
downstream_mtls: {ca_file: ca.pem, enforcement: Reject_Connection, max_verify_depth: 0}
metrics_address: 127.0.0.1:9090
health_check_addr: ":1"
log_level: DEBUG
state_directory: state
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
    const files = { 'keys/server.key': 'key', client: ' hunter2\n', cookie: `${secret}\n`, 'ca.pem': 'ca' };
    const document = settingsOf({ text, files });
    const { routes, ...settings } = plain(document.settings);
    assert.deepEqual(settings, {
      address: [
        { host: '', port: 443 },
        { host: '::1', port: 3443 },
      ],
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
      },
      cookie: { name: 'session', secret, domain: 'corp.example', httpOnly: false, sameSite: 'Lax', expireMs: 3_600_000 },
      sharedSecret: secret,
      signingKey: { text: pem, label: 'signing_key', path: ['signing_key'] },
      jwtClaimsHeaders: [{ header: 'X-Email', claim: 'email' }],
      downstreamMtls: {
        ca: { text: 'ca', label: 'ca.pem', path: ['downstream_mtls', 'ca_file'] },
        enforcement: 'reject_connection',
        maxVerifyDepth: 0,
      },
      metricsAddress: { host: '127.0.0.1', port: 9090 },
      healthCheckAddress: { host: '', port: 1 },
      logLevel: 'debug',
      stateDirectory: resolve('etc/state'),
    });
    assert.deepEqual(
      routes.map(({ index, path, host, port, to, matcher, passIdentityHeaders, timeoutMs, clientCa }) => {
        return { index, path, host, port, to, matcher, passIdentityHeaders, timeoutMs, clientCa };
      }),
      [
        {
          index: 0,
          path: ['policy', 0],
          host: 'a.corp.example',
          port: undefined,
          to: ['unix:///run/a.sock'],
          matcher: { kind: 'regex', regex: '/a.*', place: ['policy', 0, 'regex'] },
          passIdentityHeaders: true,
          timeoutMs: undefined,
          clientCa: undefined,
        },
        {
          index: 1,
          path: ['routes', 0],
          host: '*.corp.example',
          port: 8443,
          to: ['https://b.corp.example/'],
          matcher: { kind: 'prefix', prefix: '/b' },
          passIdentityHeaders: false,
          timeoutMs: 0,
          clientCa: { text: 'ca', label: 'ca.pem', path: ['routes', 0, 'tls_downstream_client_ca_file'] },
        },
      ],
    );
    assert.deepEqual(
      document.files.toSorted(),
      ['ca.pem', 'client', 'config.yaml', 'cookie', 'keys/server.key'].map((name) => resolve('etc', name)),
    );
  });

  it('takes the older spelling of the client CA', () => {
    const { settings } = settingsOf({
      text: 'certificate: "-----BEGIN"\ncertificate_key: "-----BEGIN"\nclient_ca_file: ca.pem',
      files: { 'ca.pem': 'ca' },
    });
    assert.deepEqual(settings.downstreamMtls.ca, { text: 'ca', label: 'ca.pem', path: ['client_ca_file'] } satisfies NamedText);
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
    const { settings } = settingsOf({ text: `${certificate}\nshared_secret: ${secret}\nsigning_key: "-----BEGIN hunter2"` });
    assert.deepEqual([JSON.stringify(settings.sharedSecret), String(settings.signingKey)], ['"[secret]"', '[secret]']);
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
