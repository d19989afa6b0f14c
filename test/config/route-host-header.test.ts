import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf, toldOf } from './given-route.ts';

const keys = {
  host_rewrite: 'app.internal',
  host_rewrite_header: 'X-Host',
  host_path_regex_rewrite_pattern: '^/([a-z]+)/.*$',
  host_path_regex_rewrite_substitution: '\\1.internal',
  preserve_host_header: true,
};

describe('readHostHeader()', () => {
  it('lets the literal host count before the header, the path, and that of the client', () => {
    const { host_rewrite: _literal, ...withoutLiteral } = keys;
    const { host_rewrite_header: _header, ...withoutHeader } = withoutLiteral;
    const { host_path_regex_rewrite_pattern: pattern, host_path_regex_rewrite_substitution: substitution, ...preserve } = withoutHeader;
    assert.deepEqual(
      [keys, withoutLiteral, withoutHeader, preserve, { preserve_host_header: false }].map((route) => forwardOf(route).hostHeader),
      [
        { kind: 'literal', host: 'app.internal' },
        { kind: 'header', name: 'X-Host' },
        { kind: 'path', pattern, substitution, place: ['routes', 0, 'host_path_regex_rewrite_pattern'] },
        { kind: 'preserve' },
        { kind: 'upstream' },
      ],
    );
  });

  it('warns of those that lose', () => {
    assert.deepEqual(toldOf(keys), [
      'no-effect routes[0].host_rewrite_header has no effect beside host_rewrite',
      'no-effect routes[0].host_path_regex_rewrite_pattern has no effect beside host_rewrite',
      'no-effect routes[0].preserve_host_header has no effect beside host_rewrite',
    ]);
  });

  it('refuses hosts and names that a request can not carry', () => {
    const hosts = ['', 'a b', 'a/b', 'a:0', 'bob@a', 'a\r\nX: y', 'ä'];
    const names = ['', 'X Host', 'X:Host', 'X\n'];
    const routes = [...hosts.map((host) => ({ host_rewrite: host })), ...names.map((name) => ({ host_rewrite_header: name }))];
    assert.deepEqual(
      routes.filter((route) => !toldOf(route)[0]?.startsWith('invalid-value')),
      [],
    );
  });
});
