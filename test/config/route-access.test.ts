import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf, toldOf } from './given-route.ts';

const provider = {
  authenticate_service_url: 'https://auth.corp.example',
  idp_provider: 'oidc',
  idp_provider_url: 'https://login.corp.example',
  idp_client_id: 'postern',
  idp_client_secret: 'hunter2',
};

describe('readAccess()', () => {
  it('reads the shorthands, claims sorted by name', () => {
    const route = {
      allowed_users: ['alice'],
      allowed_domains: ['corp.example'],
      allowed_idp_claims: { groups: ['admins', 7], admin: [true] },
      cors_allow_preflight: true,
    };
    assert.deepEqual(routeOf(route, { top: provider }).access, {
      publicAccess: false,
      anyAuthenticatedUser: false,
      allowedUsers: ['alice'],
      allowedDomains: ['corp.example'],
      allowedClaims: [
        ['admin', [true]],
        ['groups', ['admins', 7]],
      ],
      corsPreflight: true,
      policy: undefined,
      policyPath: ['routes', 0, 'policy'],
    });
  });

  it('refuses an allow-list beside a key that lets in everybody, but not a policy', () => {
    const wide = ['allow_public_unauthenticated_access', 'allow_any_authenticated_user'];
    const narrow = { allowed_users: ['a'], allowed_domains: ['b'], allowed_idp_claims: { c: ['d'] }, policy: [] };
    assert.deepEqual(
      wide.map((key) => toldOf({ [key]: true, ...narrow }, { top: provider }).filter((line) => line.startsWith('conflicting-keys'))),
      wide.map((key) =>
        ['allowed_users', 'allowed_domains', 'allowed_idp_claims'].map(
          (list) => `conflicting-keys routes[0].${list} means nothing beside ${key}: keep one of them`,
        ),
      ),
    );
  });

  it('needs a provider for a route that only claims open', () => {
    const told = toldOf({ allowed_idp_claims: { groups: ['admins'] } });
    assert.deepEqual(
      Object.keys(provider).filter((key) => !told.some((line) => line.startsWith(`missing-key ${key} `))),
      [],
    );
  });
});
