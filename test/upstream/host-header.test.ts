import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostHeaderSettings } from '../../src/config/action-settings.ts';
import { compileHostHeader } from '../../src/upstream/host-header.ts';
import { inboundOf } from './example-request.ts';

const place = ['routes', 0, 'host_path_regex_rewrite_pattern'];

describe('compileHostHeader()', () => {
  it('sends the host of the upstream, of the visitor, or the one that is written', () => {
    assert.deepEqual(
      [
        host({ kind: 'upstream' }, { host: 'App.Example.:8443' }),
        host({ kind: 'preserve' }, { host: 'App.Example.:8443' }),
        host({ kind: 'literal', host: 'app.internal:8080' }),
      ],
      ['up.internal:8000', 'app.example:8443', 'app.internal:8080'],
    );
  });

  it('takes it from a request header where exactly one holds a host', () => {
    const values: readonly (readonly string[])[] = [
      ['X-Host', 'Tenant.Example:8080'],
      ['x-host', ' tenant.example '],
      ['X-Host', '[2001:DB8::1]:80'],
      [],
      ['X-Host', ''],
      ['X-Host', 'a.example', 'X-Host', 'b.example'],
      ['X-Host', 'a.example, b.example'],
      ['X-Host', 'a.example/path'],
      ['X-Host', 'user@a.example'],
      ['X-Host', 'a.example:99999'],
      ['X-Host', 'a.example\r\nX-Evil: 1'],
    ];
    const upstream = 'up.internal:8000';
    assert.deepEqual(
      values.map((headers) => host({ kind: 'header', name: 'X-Host' }, { headers })),
      ['tenant.example:8080', 'tenant.example', '[2001:db8::1]:80', ...Array.from({ length: 8 }, () => upstream)],
    );
    assert.equal(host({ kind: 'header', name: 'Host' }, { host: 'visitor.example' }), 'visitor.example');
  });

  it('makes it of the path, and of nothing else', () => {
    const settings: HostHeaderSettings = { kind: 'path', pattern: '^/([^/]+)/.*$', substitution: String.raw`\1.tenants.example`, place };
    assert.deepEqual(
      ['/Alice/files?x=/bob/', '/alice', '/a%20b/x', '/a:80/x', '/@evil/x', '/..a/x'].map((target) => host(settings, { target })),
      ['alice.tenants.example', ...Array.from({ length: 5 }, () => 'up.internal:8000')],
    );
  });

  it('tells of an expression that is none', () => {
    assert.deepEqual(compileHostHeader({ kind: 'path', pattern: '[', substitution: '', place }), {
      ok: false,
      path: place,
      message: 'cannot read host_path_regex_rewrite_pattern "[": missing closing ]: `[`; write an RE2 expression',
    });
  });
});

function host(settings: HostHeaderSettings, given: Parameters<typeof inboundOf>[0] = {}): string {
  const compiled = compileHostHeader(settings);
  assert.ok(compiled.ok);
  return compiled.value(inboundOf(given), 'up.internal:8000');
}
