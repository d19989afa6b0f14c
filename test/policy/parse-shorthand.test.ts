import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { parseDefaultDeny, parseShorthand } from '../../src/policy/parse-shorthand.ts';
import { compiled, noAccess } from './example-facts.ts';

describe('parseShorthand()', () => {
  it('makes one allow.or of all keys, each with its place, the claims sorted by name', () => {
    const route = ['routes', 7];
    const parsed = parseShorthand({
      publicAccess: true,
      anyAuthenticatedUser: true,
      allowedUsers: ['alice@corp.example'],
      allowedDomains: ['corp.example', 'other.example'],
      allowedClaims: [
        ['level', [5]],
        ['active', [true, 'yes']],
        ['Team', ['red']],
      ],
      corsPreflight: true,
      policy: undefined,
      policyPath: [...route, 'policy'],
    });
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.value.map(({ action, operator, path, criteria }) => ({
        combination: [action, operator, path],
        criteria: criteria.map((criterion) => [criterion.name, criterion.data, criterion.path?.slice(route.length)]),
      })),
      [
        {
          combination: ['allow', 'or', route],
          criteria: [
            ['accept', true, ['allow_public_unauthenticated_access']],
            ['cors_preflight', true, ['cors_allow_preflight']],
            ['authenticated_user', true, ['allow_any_authenticated_user']],
            ['domain', { is: 'corp.example' }, ['allowed_domains', 0]],
            ['domain', { is: 'other.example' }, ['allowed_domains', 1]],
            ['claim/Team', 'red', ['allowed_idp_claims', 'Team', 0]],
            ['claim/active', true, ['allowed_idp_claims', 'active', 0]],
            ['claim/active', 'yes', ['allowed_idp_claims', 'active', 1]],
            ['claim/level', 5, ['allowed_idp_claims', 'level', 0]],
            ['user', { is: 'alice@corp.example' }, ['allowed_users', 0]],
            ['email', { is: 'alice@corp.example' }, ['allowed_users', 0]],
          ],
        },
      ],
    );
  });

  it('is nothing for a route without shorthand keys', () => {
    assert.deepEqual(parseShorthand(noAccess), { ok: true, value: [] });
  });

  it('tells where a claim without a name stands', () => {
    assert.deepEqual(compilePolicy({ ...noAccess, allowedClaims: [['', ['x']]] }, { defaultDeny: false }), {
      ok: false,
      problems: [
        {
          path: ['routes', 0, 'allowed_idp_claims', '', 0],
          message: 'criterion "claim" needs the name of a claim; write "claim/department" for one',
        },
      ],
    });
  });
});

describe('parseDefaultDeny()', () => {
  it('stands nowhere, because nobody wrote it', () => {
    const parsed = parseDefaultDeny('required');
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.value.map(({ action, operator, path, criteria }) => [action, operator, path, criteria.map((each) => [each.name, each.path])]),
      [['deny', 'or', undefined, [['invalid_client_certificate', undefined]]]],
    );
    assert.deepEqual(parseDefaultDeny(false), { ok: true, value: [] });
  });

  it("has nothing against nobody's certificate where one is optional", () => {
    const parsed = parseDefaultDeny('optional');
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.value.map(({ criteria }) => criteria.map(({ name, path, whenTrue, whenFalse }) => [name, path, whenTrue, whenFalse])),
      [[['invalid_client_certificate', undefined, ['invalid-client-certificate'], ['valid-client-certificate']]]],
    );
  });
});

describe('the places of a policy', () => {
  it('are those of its operators and criteria', () => {
    const { tree } = compiled([{ allow: { and: [{ accept: 1 }, { 'claim/a/b': 1 }], or: [] } }, { deny: { nor: [{ reject: 1 }] } }]);
    const policy = ['routes', 0, 'policy'];
    assert.deepEqual(
      tree.map(({ path, criteria }) => [path, criteria.map((criterion) => criterion.path)]),
      [
        [
          [...policy, 0, 'allow', 'and'],
          [
            [...policy, 0, 'allow', 'and', 0, 'accept'],
            [...policy, 0, 'allow', 'and', 1, 'claim/a/b'],
          ],
        ],
        [[...policy, 1, 'deny', 'nor'], [[...policy, 1, 'deny', 'nor', 0, 'reject']]],
      ],
    );
  });
});
