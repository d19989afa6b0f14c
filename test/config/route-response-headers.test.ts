import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf, routeOf, toldOf } from './given-route.ts';

describe('readRouteResponseHeaders()', () => {
  it('lets the route win over the global headers, however they are spelt', () => {
    const top = { set_response_headers: { 'X-Team': 'blue', 'X-Floor': '3' } };
    const routes = [{}, { set_response_headers: {} }, { set_response_headers: { 'x-team': 'red', 'X-Room': '1' } }];
    assert.deepEqual(
      routes.map((route) => routeOf(route, { top }).setResponseHeaders),
      [
        [
          ['X-Team', 'blue'],
          ['X-Floor', '3'],
        ],
        [
          ['X-Team', 'blue'],
          ['X-Floor', '3'],
        ],
        [
          ['X-Floor', '3'],
          ['x-team', 'red'],
          ['X-Room', '1'],
        ],
      ],
    );
  });

  it('puts them on top of nothing where the global ones are switched off', () => {
    const top = { set_response_headers: { disable: 'true' } };
    assert.deepEqual(
      [{}, { set_response_headers: { 'X-Team': 'red' } }].map((route) => routeOf(route, { top }).setResponseHeaders),
      [[], [['X-Team', 'red']]],
    );
  });

  it('does not let a route switch them off', () => {
    assert.deepEqual(toldOf({ set_response_headers: { disable: 'true' } }), [
      'invalid-value routes[0].set_response_headers.disable means something at the top level only: write it there, or a header with its value here',
    ]);
  });
});

describe('readResponseHeaderRewrites()', () => {
  it('reads entries in order, empty texts included', () => {
    const rewrites = [
      { header: 'Location', prefix: 'http://a', value: 'https://b' },
      { header: 'X-Prefix', prefix: '', value: '' },
    ];
    assert.deepEqual(forwardOf({ rewrite_response_headers: rewrites }).rewriteResponseHeaders, rewrites);
  });

  it('refuses entries that lack something, and headers that are not the operator’s', () => {
    const entries = [
      { header: 'Location' },
      { header: 'Content-Length', prefix: '1', value: '2' },
      { header: 'A', prefix: '\n', value: '\0' },
    ];
    assert.deepEqual(
      entries.map((entry) => toldOf({ rewrite_response_headers: [entry] })),
      [
        [
          'missing-key routes[0].rewrite_response_headers[0].prefix is missing: write the beginning that is replaced',
          'missing-key routes[0].rewrite_response_headers[0].value is missing: write what stands there instead',
        ],
        [
          'invalid-value routes[0].rewrite_response_headers[0].header: "Content-Length" belongs to the connection, and only Postern writes it',
        ],
        [
          'invalid-value routes[0].rewrite_response_headers[0].prefix holds a character that no header can carry, a line break perhaps',
          'invalid-value routes[0].rewrite_response_headers[0].value holds a character that no header can carry, a line break perhaps',
        ],
      ],
    );
  });
});
