import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decide, isPermit } from '../../src/policy/decide.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { bodyOf, defaultDenial, facts, policy, rule } from './arbitrary-policies.ts';
import { compiled, exampleFacts, examplePurpose, people } from './example-facts.ts';

function kindOf(document: unknown, given: Facts): Decision['kind'] {
  return decide(compiled(document), given, examplePurpose).kind;
}

describe('decide()', () => {
  it('gives a permit for one route, one canonical target and a time', () => {
    const decision = decide(compiled({ allow: { and: [{ accept: true }] } }), exampleFacts, examplePurpose);
    assert.ok(decision.kind === 'allow');
    const { routeId, path, query, validUntil } = decision.permit;
    assert.deepEqual({ routeId, path, query, validUntil }, examplePurpose);
  });

  it('gives no permit with a denial or a sign-in', () => {
    for (const document of [undefined, { allow: { and: [{ email: 'a@b' }] } }])
      assert.equal('permit' in decide(compiled(document), exampleFacts, examplePurpose), false);
  });

  it('answers alike however often it is asked', () => {
    const both = compiled({ allow: { and: [{ http_method: 'GET' }, { email: { ends_with: 'example' } }, { groups: 'staff' }] } });
    const [alice, bob] = [people.alice, people.bob].map((person) => () => {
      const { kind, reasons, allow, deny } = decide(both, { ...exampleFacts, person }, examplePurpose);
      return { kind, reasons, allow, deny };
    });
    assert.deepEqual(alice?.(), alice?.());
    assert.deepEqual(bob?.(), alice?.());
  });

  it('never throws, and evaluates both sides, for any facts', () => {
    fc.assert(
      fc.property(policy, facts, defaultDenial, (document, given, defaultDeny) => {
        const { kind, reasons, allow, deny } = decide(compiled(document, { defaultDeny }), given, examplePurpose);
        assert.ok(['allow', 'sign-in', 'deny'].includes(kind));
        for (const list of [reasons, allow.reasons, deny.reasons]) assert.equal(new Set(list).size, list.length);
        if (kind === 'allow') assert.ok(allow.result && !deny.result);
      }),
      { numRuns: 500 },
    );
  });

  it('never allows somebody whom a further deny rule is held against and who was not allowed before', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 2 }), rule, facts, (rules, { deny }: { deny?: object }, given) => {
        const withDenial = [...rules, { deny: deny ?? {} }];
        assert.ok(kindOf(withDenial, given) !== 'allow' || kindOf(rules, given) === 'allow');
      }),
      { numRuns: 500 },
    );
  });

  it('never turns an allowance into a denial when an allow rule is added, though perhaps into a sign-in', () => {
    fc.assert(
      fc.property(policy, rule, facts, defaultDenial, (document, { allow }: { allow?: object }, given, defaultDeny) => {
        const rules = [document].flat();
        const [before, after] = [rules, [...rules, { allow: allow ?? {} }]].map(
          (each) => decide(compiled(each, { defaultDeny }), given, examplePurpose).kind,
        );
        assert.ok(before !== 'allow' || after === 'allow' || after === 'sign-in');
      }),
      { numRuns: 500 },
    );
  });

  it('never lets a visitor in through a criterion about a person', () => {
    const aboutPeople = fc
      .constantFrom('user', 'email', 'domain')
      .chain((name) => fc.constantFrom({ [name]: { not: 'x' } }, { [name]: 'x' }));
    fc.assert(
      fc.property(bodyOf(aboutPeople), facts, (allow, given) => {
        assert.notEqual(kindOf({ allow }, { ...given, person: undefined }), 'allow');
      }),
    );
  });
});

describe('isPermit()', () => {
  it('knows a genuine permit from look-alikes, copies and proxies', () => {
    const decision = decide(compiled({ allow: { and: [{ accept: true }] } }), exampleFacts, examplePurpose);
    assert.ok(decision.kind === 'allow');
    const { permit } = decision;
    const prototype: object | null = Object.getPrototypeOf(permit);
    const lookAlikes = [
      undefined,
      null,
      'permit',
      examplePurpose,
      structuredClone(permit),
      Object.create(prototype),
      new Proxy(permit, {}),
    ];
    assert.deepEqual(
      [permit, ...lookAlikes].map((value) => isPermit(value)),
      [true, ...lookAlikes.map(() => false)],
    );
  });
});
