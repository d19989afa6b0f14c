import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf } from './given-route.ts';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

const issuer = { issuer: 'https://robots.example', audiences: ['corp'] };

describe('bearer_token_format', () => {
  it('is taken from the top level where a route does not say', () => {
    const top = { bearer_token_format: 'jwt', identity_providers: { robots: issuer, ci: { ...issuer, issuer: 'https://ci.example' } } };
    const open = { allow_public_unauthenticated_access: true };
    assert.deepEqual(
      [
        routeOf(open, { top }).bearer,
        routeOf({ ...open, identity_providers: ['ci'] }, { top }).bearer,
        routeOf({ ...open, bearer_token_format: 'DEFAULT' }, { top }).bearer,
      ],
      [
        { format: 'jwt', audiences: [], issuers: undefined },
        { format: 'jwt', audiences: [], issuers: ['ci'] },
        { format: 'default', audiences: [], issuers: undefined },
      ],
    );
  });

  it('needs a provider for its tokens, and none for those of others', () => {
    const jwt = { bearer_token_format: 'jwt', identity_providers: { robots: issuer } };
    assert.equal(routeOf({ allow_any_authenticated_user: true }, { top: jwt }).bearer.format, 'jwt');
    assert.throws(
      () => routeOf({ allow_any_authenticated_user: true, bearer_token_format: 'default' }, { top: jwt }),
      /sends people to sign in/,
    );
    assert.deepEqual(toldOf('bearer_token_format: idp_identity_token'), [
      'error missing-key: bearer_token_format: idp_identity_token needs an identity provider: write idp_provider and what belongs to it',
    ]);
  });
});

describe('identity_providers', () => {
  it('has the signatures that Pomerium has unless others are written', () => {
    const { tokenIssuers } = settingsOf(
      linesOf(
        'bearer_token_format: jwt',
        "identity_providers: {a: {issuer: 'https://a.example/', audiences: [x]}, b: {issuer: 'http://127.0.0.1:9', jwks_url: 'http://localhost/k?p=1', supported_algs: [PS256], audiences: [x, y]}}",
      ),
    ).settings;
    assert.deepEqual(tokenIssuers, [
      { name: 'a', issuer: 'https://a.example/', jwksUrl: undefined, algorithms: ['RS256', 'ES256', 'EdDSA'], audiences: ['x'] },
      { name: 'b', issuer: 'http://127.0.0.1:9', jwksUrl: new URL('http://localhost/k?p=1'), algorithms: ['PS256'], audiences: ['x', 'y'] },
    ]);
  });
});
