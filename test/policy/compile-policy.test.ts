import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { compiled, noAccess } from './example-facts.ts';

describe('compilePolicy()', () => {
  it('tells problems with their place from the top of the configuration', () => {
    const access = { ...noAccess, policyPath: ['routes', 3, 'policy'], policy: [{ allow: { or: [{ email: { iz: 'x' } }] } }] };
    assert.deepEqual(compilePolicy(access, { defaultDeny: false }), {
      ok: false,
      problems: [
        {
          path: ['routes', 3, 'policy', 0, 'allow', 'or', 0, 'email', 'iz'],
          message: 'unknown operator "iz" for a string; did you mean "is"?',
          part: 'key',
        },
      ],
    });
  });

  it('gives a policy that nobody can change', () => {
    const { tree, ...sides } = compiled({ allow: { and: [{ accept: 1 }] } });
    assert.ok(Object.isFrozen(tree) && tree.every((node) => Object.isFrozen(node) && Object.isFrozen(node.criteria)));
    assert.ok(tree.every(({ criteria }) => criteria.every((criterion) => Object.isFrozen(criterion))));
    assert.deepEqual(Object.keys(sides), ['allow', 'deny']);
    assert.ok(Object.isFrozen(compiled(undefined)));
  });

  it('reads any plain data as a policy or as problems, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        const allow = {
          and: [{ email: document }, { groups: document }, { source_ip: document }, { client_certificate: document }, document],
        };
        for (const policy of [document, { allow: document }, { allow: { and: document } }, { allow }]) {
          const compilation = compilePolicy({ ...noAccess, policy }, { defaultDeny: 'required' });
          assert.ok(compilation.ok || compilation.problems.length > 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
