import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routeOf, toldOf } from './given-route.ts';

describe('readRedirect()', () => {
  it('leaves as it was what is not written', () => {
    assert.deepEqual(routeOf({ redirect: { https_redirect: true } }).action, {
      kind: 'redirect',
      scheme: 'https',
      host: undefined,
      port: undefined,
      path: undefined,
      status: 301,
      stripQuery: false,
    });
  });

  it('reads every key', () => {
    const redirect = {
      https_redirect: false,
      scheme_redirect: 'HTTP',
      host_redirect: 'New.corp.example',
      port_redirect: 8080,
      path_redirect: '/new?x=1',
      response_code: 308,
      strip_query: true,
    };
    assert.deepEqual(
      [routeOf({ redirect }).action, routeOf({ redirect: { prefix_rewrite: '/old/' } }).action],
      [
        {
          kind: 'redirect',
          scheme: 'http',
          host: 'new.corp.example',
          port: 8080,
          path: { kind: 'whole', path: '/new?x=1' },
          status: 308,
          stripQuery: true,
        },
        {
          kind: 'redirect',
          scheme: undefined,
          host: undefined,
          port: undefined,
          path: { kind: 'prefix', replacement: '/old/' },
          status: 301,
          stripQuery: false,
        },
      ],
    );
  });

  it('takes the statuses that redirect, and no others', () => {
    const codes = [200, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 301.5];
    assert.deepEqual(
      codes.filter((code) => toldOf({ redirect: { https_redirect: true, response_code: code } }).length === 0),
      [301, 302, 303, 307, 308],
    );
  });

  it('refuses ports that are none', () => {
    assert.deepEqual(
      [0, -1, 1.5, 65_536].filter((port) => toldOf({ redirect: { port_redirect: port } }).length !== 1),
      [],
    );
  });

  it('refuses one that leads back to where the request came from', () => {
    assert.deepEqual(
      [{}, { strip_query: true, response_code: 302 }, { https_redirect: false }].map((redirect) => toldOf({ redirect })[0]?.slice(0, 71)),
      Array.from({ length: 3 }, () => 'missing-key routes[0].redirect leads back to where the request came fro'),
    );
  });
});
