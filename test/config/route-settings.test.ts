import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRevocation } from '../../src/config/revocation-settings.ts';
import { Secret } from '../../src/config/secret.ts';
import { toldOf, routeOf } from './given-route.ts';
import { settingsOf } from './given-settings.ts';

describe('readRoutes()', () => {
  it('fills in every default', () => {
    assert.deepEqual(routeOf({}), {
      index: 0,
      path: ['routes', 0],
      name: undefined,
      description: undefined,
      from: 'https://app.corp.example',
      host: 'app.corp.example',
      port: undefined,
      action: {
        kind: 'forward',
        to: [{ url: new URL('http://127.0.0.1:8080'), weight: 1 }],
        tls: { skipVerify: false, serverName: undefined, ca: undefined, clientCertificate: undefined },
        rewrite: undefined,
        hostHeader: { kind: 'upstream' },
        upgrades: [],
        timeoutMs: 30_000,
        idleTimeoutMs: 300_000,
        rewriteResponseHeaders: [],
        kubernetesToken: undefined,
        forwardedFor: { append: true, trustedHops: 0 },
      },
      matcher: { kind: 'any' },
      access: {
        publicAccess: false,
        anyAuthenticatedUser: false,
        allowedUsers: [],
        allowedDomains: [],
        allowedClaims: [],
        corsPreflight: false,
        policy: undefined,
        policyPath: ['routes', 0, 'policy'],
      },
      allowCrossSite: false,
      bearer: { format: 'default', audiences: [], issuers: undefined },
      clientCa: undefined,
      clientCertificateMode: undefined,
      certificateDeniedStatus: 495,
      revocation: usualRevocation,
      authentication: 'session',
      certificateIdentities: [],
      anonymousIdentity: undefined,
      defaultIdentity: undefined,
      bindSession: undefined,
      passClientCertificate: [],
      passClientCertificatePath: ['pass_client_certificate'],
      passIdentityHeaders: false,
      jwtIssuerFormat: 'hostOnly',
      setRequestHeaders: [],
      removeRequestHeaders: [],
      setResponseHeaders: [
        ['X-Frame-Options', 'SAMEORIGIN'],
        ['X-XSS-Protection', '1; mode=block'],
      ],
    });
  });

  it('reads every key of a route that forwards', () => {
    const route = {
      name: 'app',
      description: 'The app',
      from: 'https://*.corp.example:8443/',
      to: ['https://10.0.0.1:8443,3', 'https://10.0.0.2:8443,1'],
      prefix: '/app/',
      prefix_rewrite: '/',
      host_rewrite: 'app.internal:8443',
      allow_public_unauthenticated_access: true,
      policy: [{ deny: { or: [{ reject: true }] } }],
      pass_identity_headers: true,
      jwt_issuer_format: 'URI',
      timeout: '1m',
      idle_timeout: '0s',
      allow_websockets: true,
      allow_spdy: true,
      set_request_headers: { 'X-Token': '${pomerium.access_token}', 'X-Price': '$$5' },
      remove_request_headers: ['X-Debug'],
      set_response_headers: { 'x-frame-options': 'DENY', 'X-Team': 'blue' },
      rewrite_response_headers: [{ header: 'Location', prefix: 'http://10.0.0.1', value: '' }],
      tls_upstream_server_name: 'App.internal.',
      kubernetes_service_account_token_file: 'token',
    };
    const top = { skip_xff_append: true, xff_num_trusted_hops: 2 };
    assert.deepEqual(routeOf(route, { top, files: { token: 'hunter2\n' } }), {
      index: 0,
      path: ['routes', 0],
      name: 'app',
      description: 'The app',
      from: 'https://*.corp.example:8443/',
      host: '*.corp.example',
      port: 8443,
      action: {
        kind: 'forward',
        to: [
          { url: new URL('https://10.0.0.1:8443'), weight: 3 },
          { url: new URL('https://10.0.0.2:8443'), weight: 1 },
        ],
        tls: { skipVerify: false, serverName: 'app.internal', ca: undefined, clientCertificate: undefined },
        rewrite: { kind: 'prefix', replacement: '/', place: ['routes', 0, 'prefix_rewrite'] },
        hostHeader: { kind: 'literal', host: 'app.internal:8443' },
        upgrades: ['websocket', 'spdy/3.1'],
        timeoutMs: 60_000,
        idleTimeoutMs: 0,
        rewriteResponseHeaders: [{ header: 'Location', prefix: 'http://10.0.0.1', value: '' }],
        kubernetesToken: new Secret('hunter2'),
        forwardedFor: { append: false, trustedHops: 2 },
      },
      matcher: { kind: 'prefix', prefix: '/app/' },
      access: {
        publicAccess: true,
        anyAuthenticatedUser: false,
        allowedUsers: [],
        allowedDomains: [],
        allowedClaims: [],
        corsPreflight: false,
        policy: [{ deny: { or: [{ reject: true }] } }],
        policyPath: ['routes', 0, 'policy'],
      },
      allowCrossSite: false,
      bearer: { format: 'default', audiences: [], issuers: undefined },
      clientCa: undefined,
      clientCertificateMode: undefined,
      certificateDeniedStatus: 495,
      revocation: usualRevocation,
      authentication: 'session',
      certificateIdentities: [],
      anonymousIdentity: undefined,
      defaultIdentity: undefined,
      bindSession: undefined,
      passClientCertificate: [],
      passClientCertificatePath: ['pass_client_certificate'],
      passIdentityHeaders: true,
      jwtIssuerFormat: 'uri',
      setRequestHeaders: [
        ['X-Token', '${pomerium.access_token}'],
        ['X-Price', '$$5'],
      ],
      removeRequestHeaders: ['X-Debug'],
      setResponseHeaders: [
        ['X-XSS-Protection', '1; mode=block'],
        ['x-frame-options', 'DENY'],
        ['X-Team', 'blue'],
      ],
    });
  });

  it('takes from the top level what a route does not say', () => {
    const top = {
      pass_identity_headers: true,
      jwt_issuer_format: 'uri',
      default_upstream_timeout: '5s',
      set_response_headers: { 'X-Team': 'blue' },
    };
    const { passIdentityHeaders, jwtIssuerFormat, setResponseHeaders, action } = routeOf({}, { top });
    assert.deepEqual(
      { passIdentityHeaders, jwtIssuerFormat, setResponseHeaders, timeoutMs: action.kind === 'forward' && action.timeoutMs },
      { passIdentityHeaders: true, jwtIssuerFormat: 'uri', setResponseHeaders: [['X-Team', 'blue']], timeoutMs: 5000 },
    );
  });

  it('puts policy before routes', () => {
    const text = `insecure_server: true
routes: [{from: https://b.corp.example, to: http://b}]
policy: [{from: https://a.corp.example, to: http://a}]`;
    assert.deepEqual(
      settingsOf({ text }).settings.routes.map(({ index, path, host }) => ({ index, path, host })),
      [
        { index: 0, path: ['policy', 0], host: 'a.corp.example' },
        { index: 1, path: ['routes', 0], host: 'b.corp.example' },
      ],
    );
  });

  it('tells a wrong default once, however many routes there are', () => {
    const routes = ['a', 'b', 'c'].map((name) => ({ from: `https://${name}.corp.example`, to: 'http://127.0.0.1:8080' }));
    assert.deepEqual(toldOf({}, { top: { policy: routes, default_upstream_timeout: 'soon' } }), [
      'invalid-value default_upstream_timeout "soon" is no duration: write something like 30s, 10m or 1h30m',
    ]);
  });
});
