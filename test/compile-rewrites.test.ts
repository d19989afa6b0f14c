import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from '../src/config/problem.ts';
import { makePki } from './walk/pki.ts';
import { build } from './walk/program.ts';

describe('compileRewrites()', () => {
  it('tells of every expression that is none, where it stands, before anything is served', async () => {
    const { result } = await build(
      `routes:
  - {from: https://a.corp.test, to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true, regex_rewrite_pattern: (, regex_rewrite_substitution: /}
  - from: https://b.corp.test
    to: http://127.0.0.1:9
    allow_public_unauthenticated_access: true
    regex_rewrite_pattern: (x)
    regex_rewrite_substitution: /\\2
    host_path_regex_rewrite_pattern: '['
    host_path_regex_rewrite_substitution: a
`,
      { pki: await makePki() },
    );
    assert.ok(!result.ok);
    assert.deepEqual(result.problems.map(shown), [
      '3: invalid-expression cannot read regex_rewrite_pattern "(": missing closing ): `(`; write an RE2 expression',
      String.raw`8: invalid-expression cannot read regex_rewrite_substitution "/\\2": \2 stands for a group that the expression has not, it has 1`,
      '9: invalid-expression cannot read host_path_regex_rewrite_pattern "[": missing closing ]: `[`; write an RE2 expression',
    ]);
  });

  it('warns of headers that are set in vain, and quotes no value', async () => {
    const { result } = await build(
      `routes:
  - from: https://a.corp.test
    to: http://127.0.0.1:9
    allow_public_unauthenticated_access: true
    set_request_headers:
      X-Good: $\{pomerium.jwt} costs $$5
      Authorization: Basic pa$sword
  - from: https://b.corp.test
    to: http://127.0.0.1:9
    allow_public_unauthenticated_access: true
    kubernetes_service_account_token: secret
    set_request_headers: {Impersonate-User: root, Impersonate-Extra-Team: one}
`,
      { pki: await makePki() },
    );
    assert.ok(result.ok);
    await result.snapshot[Symbol.asyncDispose]();
    assert.deepEqual(result.warnings.map(shown), [
      '8: unknown-token routes[0].set_request_headers.Authorization holds a reference that stands for nothing: write one like ${pomerium.jwt}, or $$ for a dollar sign',
      '13: no-effect routes[1].set_request_headers.Impersonate-User has no effect beside the token for Kubernetes, with which only Postern says who acts',
    ]);
  });
});

function shown({ code, message, place }: Problem): string {
  return `${place?.kind === 'file' ? place.line : '-'}: ${code} ${message}`;
}
