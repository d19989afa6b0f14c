import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf, toldOf } from './given-route.ts';

const redirect = { host_redirect: 'new.corp.example' };
const response = { status: 404, body: 'gone' };

describe('readAction()', () => {
  it('lets a redirect count before a response, and both before upstreams', () => {
    const routes = [{ to: 'http://a', response, redirect }, { to: 'http://a', response }, { to: 'http://a' }];
    assert.deepEqual(
      routes.map((route) => routeOf(route).action.kind),
      ['redirect', 'respond', 'forward'],
    );
    assert.deepEqual(
      routes.map((route) => toldOf(route)),
      [
        ['no-effect routes[0].response has no effect beside redirect', 'no-effect routes[0].to has no effect beside redirect'],
        ['no-effect routes[0].to has no effect beside response'],
        [],
      ],
    );
  });

  it('warns of every key that speaks of upstreams where there are none', () => {
    const keys = {
      pass_identity_headers: true,
      jwt_issuer_format: 'uri',
      set_request_headers: { 'X-Team': 'blue' },
      remove_request_headers: ['X-Debug'],
      rewrite_response_headers: [],
      regex_rewrite_pattern: 'a',
      regex_rewrite_substitution: 'b',
      host_rewrite: 'a',
      timeout: '1s',
      idle_timeout: '1s',
      allow_websockets: true,
      allow_spdy: true,
      tls_skip_verify: true,
      tls_server_name: 'a',
      kubernetes_service_account_token: 'hunter2',
    };
    assert.deepEqual(
      toldOf({ redirect, ...keys }).toSorted(),
      Object.keys(keys)
        .map((key) => `no-effect routes[0].${key} has no effect beside redirect, which asks no upstream`)
        .toSorted(),
    );
  });

  it('does not warn of what is switched off, nor of what counts for every answer', () => {
    const keys = { allow_websockets: false, pass_identity_headers: false, set_response_headers: { 'X-Team': 'blue' }, prefix: '/a/' };
    assert.deepEqual(toldOf({ response, ...keys }), []);
  });

  it('looks at what has no effect as well', () => {
    assert.deepEqual(toldOf({ redirect, response: { status: 99 }, to: 'ftp://a' }), [
      'no-effect routes[0].response has no effect beside redirect',
      'no-effect routes[0].to has no effect beside redirect',
      'invalid-value routes[0].response.status 99 is no status of an answer: write a whole number from 200 to 599',
      'invalid-value routes[0].to "ftp://a" must begin with http://, https://, h2c:// or unix:///',
    ]);
  });
});
