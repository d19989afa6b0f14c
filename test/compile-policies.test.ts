import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPolicyCompiler } from '../src/compile-policies.ts';
import type { AccessSettings } from '../src/config/settings.ts';

function accessOf(route: number, policy: unknown, more: Partial<AccessSettings> = {}): AccessSettings {
  return {
    publicAccess: false,
    anyAuthenticatedUser: false,
    allowedUsers: [],
    allowedDomains: [],
    allowedClaims: [],
    corsPreflight: false,
    policy,
    policyPath: ['routes', route, 'policy'],
    ...more,
  };
}

const admins = { allow: { and: [{ groups: { has: 'admins' } }] } };

describe('createPolicyCompiler()', () => {
  it('compiles what routes write alike once, and what differs in anything apart', () => {
    const compile = createPolicyCompiler(new Map());
    const one = compile(accessOf(0, admins), false);
    const others = [
      compile(accessOf(1, structuredClone(admins)), false),
      compile(accessOf(2, admins), 'required'),
      compile(accessOf(3, admins, { allowedUsers: ['alice'] }), false),
      compile(accessOf(4, { allow: { and: [{ groups: { has: 'staff' } }] } }), false),
    ];
    assert.deepEqual(
      others.map((other) => other === one),
      [true, false, false, false],
    );
  });

  it('takes no value for another that JSON writes alike', () => {
    const compile = createPolicyCompiler(new Map());
    const compiled = [null, Number.NaN, Number.POSITIVE_INFINITY].map((value) =>
      compile(accessOf(0, { allow: { or: [{ 'claim/level': value }] } }), false),
    );
    const operands = compiled.map((each) => (each.ok ? each.policy.tree[0]?.criteria[0]?.data : 'refused'));
    assert.deepEqual(operands, [null, Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it('tells places from the route down', () => {
    const refused = createPolicyCompiler(new Map())(accessOf(7, { allow: { and: [{ nobody: true }] } }), false);
    assert.deepEqual(refused.ok ? [] : refused.problems.map(({ path }) => path), [['policy', 'allow', 'and', 0, 'nobody']]);
  });
});
