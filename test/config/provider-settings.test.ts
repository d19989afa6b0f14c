import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { providerKinds } from '../../src/config/choices.ts';
import { providerPresets } from '../../src/config/provider-presets.ts';
import type { IdentityProviderSettings } from '../../src/config/settings.ts';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

const client = ['idp_client_id: postern', 'idp_client_secret: hunter2'];

function provider(...lines: readonly string[]): Partial<IdentityProviderSettings> & { readonly url?: string } {
  const { identityProvider } = settingsOf(linesOf(...client, ...lines)).settings;
  assert.ok(identityProvider);
  const { kind, issuer, scopes, requestParams } = identityProvider;
  return { kind, url: issuer.href, scopes, requestParams };
}

describe('readProvider()', () => {
  it('fills in what Pomerium fills in for a provider by name', () => {
    assert.deepEqual(
      [provider('idp_provider: Google'), provider('idp_provider: azure'), provider('idp_provider: gitlab')],
      [
        {
          kind: 'google',
          url: 'https://accounts.google.com/',
          scopes: ['openid', 'profile', 'email'],
          requestParams: { access_type: 'offline', prompt: 'select_account consent' },
        },
        {
          kind: 'azure',
          url: 'https://login.microsoftonline.com/common/v2.0',
          scopes: ['openid', 'profile', 'email', 'offline_access'],
          requestParams: { prompt: 'select_account' },
        },
        { kind: 'gitlab', url: 'https://gitlab.com/', scopes: ['openid', 'profile', 'email'], requestParams: {} },
      ],
    );
  });

  it('lets the configuration replace each default as a whole', () => {
    assert.deepEqual(
      provider('idp_provider: google', 'idp_provider_url: https://login.x', 'idp_scopes: openid, email  groups', 'idp_request_params: {}'),
      { kind: 'google', url: 'https://login.x/', scopes: ['openid', 'email', 'groups'], requestParams: {} },
    );
  });

  it('has a preset for every kind, each with openid', () => {
    assert.deepEqual(Object.keys(providerPresets).toSorted(), providerKinds.toSorted());
    assert.ok(Object.values(providerPresets).every(({ scopes }) => scopes.includes('openid')));
  });

  it('refuses providers that are more than OpenID Connect', () => {
    assert.deepEqual(
      ['apple', 'GitHub', 'hosted'].flatMap((name) => toldOf(`idp_provider: ${name}`).map((line) => line.split(',', 1)[0])),
      ['apple', 'GitHub', 'hosted'].map((name) => `error not-supported-yet: idp_provider "${name}" is not supported yet`),
    );
  });

  it('asks for an issuer only where the provider has none', () => {
    const route = 'policy: [{from: "https://a.x", to: "http://127.0.0.1:1", allow_any_authenticated_user: true}]';
    const start = ['authenticate_service_url: https://auth.x', ...client, route];
    assert.deepEqual(
      ['google', 'auth0', 'cognito'].map((name) => toldOf(...start, `idp_provider: ${name}`).length),
      [0, 1, 1],
    );
  });

  it('does not take a default for an issuer of the wrong type', () => {
    const told = toldOf(...client, 'idp_provider: google', 'idp_provider_url: [x]');
    assert.deepEqual(told, ['error wrong-type: idp_provider_url must be a text, not a list']);
  });
});
