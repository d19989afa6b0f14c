import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteCertificateSettings } from '../../src/config/downstream-mtls-settings.ts';
import { usualRevocation } from '../../src/config/revocation-settings.ts';
import { routeOf, toldOf } from './given-route.ts';
import type { WrittenRoute } from './given-route.ts';

const files = { 'ca.pem': 'ca' };
const top = {
  downstream_mtls: { ca_file: 'ca.pem', certificate_denied_status: 401, revocation: { mode: 'strict', check: 'chain' } },
  certificate_identities: [{ name: 'people', from: 'san_email', to: 'email', domains: ['Corp.example'] }],
  bind_session_to_certificate: 'spki',
  pass_client_certificate: ['rfc9440', { dialect: 'nginx', max_bytes: 16_384 }],
  insecure_server: true,
  accept_client_certificate: { dialect: 'xfcc', from: ['10.0.0.5'] },
};

const provider = {
  authenticate_service_url: 'https://auth.corp.example',
  idp_provider: 'google',
  idp_client_id: 'postern',
  idp_client_secret: 'hunter2',
};

const people = {
  name: 'people',
  path: ['certificate_identities', 0],
  ca: undefined,
  from: 'san_email',
  match: undefined,
  to: 'email',
  domains: ['corp.example'],
  sameUsersAsProvider: false,
  groups: { kind: 'fixed', groups: [] },
  nameFrom: undefined,
} as const;

describe('readRouteCertificates()', () => {
  it('takes from the top level what a route leaves out', () => {
    assert.deepEqual(certificatesOf({}), {
      clientCertificateMode: undefined,
      certificateDeniedStatus: 401,
      revocation: { ...usualRevocation, mode: 'strict', check: 'chain' },
      authentication: 'session',
      certificateIdentities: [people],
      anonymousIdentity: undefined,
      defaultIdentity: undefined,
      bindSession: 'spki',
      passClientCertificate: [
        { dialect: 'rfc9440', chain: true, maxBytes: 8_192 },
        { dialect: 'nginx', chain: false, maxBytes: 16_384 },
      ],
      passClientCertificatePath: ['pass_client_certificate'],
    });
  });

  it('reads every key, each instead of the one above as a whole', () => {
    const route = {
      client_certificate_mode: 'Required',
      certificate_denied_status: 403,
      client_certificate_revocation: { timeout: '500ms' },
      authentication: 'CLIENT_CERTIFICATE',
      certificate_identities: [{ name: 'devices', from: 'serial', same_users_as_provider: true }],
      anonymous_identity: { user: 'nobody' },
      default_identity: { user: 'device', email: 'device@corp.example', name: 'A device', groups: ['devices'] },
      bind_session_to_certificate: false,
      pass_client_certificate: [
        { dialect: 'XFCC', chain: true },
        { dialect: 'rfc9440', chain: false },
      ],
    };
    const path = ['routes', 0, 'certificate_identities', 0];
    assert.deepEqual(certificatesOf(route), {
      clientCertificateMode: 'required',
      certificateDeniedStatus: 403,
      revocation: { ...usualRevocation, timeoutMs: 500 },
      authentication: 'client_certificate',
      certificateIdentities: [{ ...people, name: 'devices', path, from: 'serial', to: 'user', domains: [], sameUsersAsProvider: true }],
      anonymousIdentity: { user: 'nobody', email: undefined, name: undefined, groups: [] },
      defaultIdentity: { user: 'device', email: 'device@corp.example', name: 'A device', groups: ['devices'] },
      bindSession: undefined,
      passClientCertificate: [
        { dialect: 'xfcc', chain: true, maxBytes: 8_192 },
        { dialect: 'rfc9440', chain: false, maxBytes: 8_192 },
      ],
      passClientCertificatePath: ['routes', 0, 'pass_client_certificate'],
    });
  });

  it('wants no certificate of everybody where a session will do, unless told to', () => {
    const modes = [
      { authentication: 'either' },
      { authentication: 'either', client_certificate_mode: 'required' },
      { authentication: 'both' },
      { authentication: 'client_certificate', anonymous_identity: { user: 'x' } },
    ].map((route) => certificatesOf(route, provider).clientCertificateMode);
    assert.deepEqual(modes, ['optional', 'required', undefined, undefined]);
  });

  it('asks for no provider where a certificate is the sign-in, and for one everywhere else', () => {
    const missing = ['client_certificate', 'either', 'both', 'session'].map((authentication) => {
      const route = { authentication, allow_any_authenticated_user: true };
      return toldOf(route, { top, files }).filter((line) => line.includes('sends people to sign in')).length;
    });
    assert.deepEqual(missing, [0, 5, 5, 5]);
  });

  it('binds by the name of the mode, from a truth value or its text', () => {
    const bound = [true, 'TRUE', 'spki', 'Identity', false, 'false'].map((value) => {
      return certificatesOf({ bind_session_to_certificate: value }).bindSession;
    });
    assert.deepEqual(bound, ['certificate', 'certificate', 'spki', 'identity', undefined, undefined]);
  });

  it('binds nothing where no certificate is ever valid', () => {
    const withoutCa = { ...top, downstream_mtls: {}, pass_client_certificate: [] };
    const bound = [
      certificatesOf({ client_certificate_mode: 'none' }),
      certificatesOf({ client_certificate_mode: 'none', bind_session_to_certificate: true }),
      certificatesOf({}, withoutCa),
      certificatesOf({ tls_downstream_client_ca_file: 'ca.pem' }, withoutCa),
      certificatesOf({ client_certificate_mode: 'optional' }),
    ].map(({ bindSession }) => bindSession);
    assert.deepEqual(bound, [undefined, undefined, undefined, 'spki', 'spki']);
  });

  it('tells nothing of a CA that is there and can not be read', () => {
    const told = toldOf({ authentication: 'client_certificate' }, { top, files: {} });
    assert.deepEqual(told, ['unreadable-file Cannot read downstream_mtls.ca_file "ca.pem": there is no such file']);
  });

  it('tells nothing of rules that are there and can not be read', () => {
    const told = toldOf({ authentication: 'client_certificate' }, { top: { ...top, certificate_identities: 'people' }, files });
    assert.deepEqual(told, ['wrong-type certificate_identities must be a list of maps, not "people"']);
  });
});

function certificatesOf(route: WrittenRoute, more: Readonly<Record<string, unknown>> = {}): RouteCertificateSettings {
  const read = routeOf(route, { top: { ...top, ...more }, files });
  const { clientCertificateMode, certificateDeniedStatus, revocation, authentication, certificateIdentities } = read;
  const { anonymousIdentity, defaultIdentity, bindSession, passClientCertificate, passClientCertificatePath } = read;
  return {
    clientCertificateMode,
    certificateDeniedStatus,
    revocation,
    authentication,
    certificateIdentities,
    anonymousIdentity,
    defaultIdentity,
    bindSession,
    passClientCertificate,
    passClientCertificatePath,
  };
}
