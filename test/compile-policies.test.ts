import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPolicyCompiler } from '../src/compile-policies.ts';
import type { AccessSettings } from '../src/config/settings.ts';
import type { PolicyCompilation } from '../src/policy/compile-policy.ts';

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

/** What a policy consists of, in plain data. */
function describeTree(compiled: PolicyCompilation | undefined): unknown {
  return JSON.parse(JSON.stringify(compiled?.ok === true ? compiled.policy.tree : compiled));
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

  it('shares the policy of one document only where all that stands beside it is alike, and decides as though nothing were shared', () => {
    const compile = createPolicyCompiler(new Map());
    const beside: readonly Partial<AccessSettings>[] = [
      {},
      { allowedDomains: ['a.example'] },
      { publicAccess: true },
      { corsPreflight: true },
      {},
    ];
    const compiled = beside.map((more, route) => compile(accessOf(route, admins, more), false));
    assert.deepEqual(
      compiled.map((each) => compiled.indexOf(each)),
      [0, 1, 2, 3, 0],
    );
    for (const [index, more] of beside.entries()) {
      const apart = createPolicyCompiler(new Map())(accessOf(0, structuredClone(admins), more), false);
      assert.deepEqual(describeTree(compiled[index]), describeTree(apart));
    }
  });

  it('tells places from the route down', () => {
    const refused = createPolicyCompiler(new Map())(accessOf(7, { allow: { and: [{ nobody: true }] } }), false);
    assert.deepEqual(refused.ok ? [] : refused.problems.map(({ path }) => path), [['policy', 'allow', 'and', 0, 'nobody']]);
  });
});
