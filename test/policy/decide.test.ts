import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decide, isPermit, traceDecision } from '../../src/policy/decide.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { bodyOf, facts, personFacts, policy, requestCriterion, rule } from './arbitrary-policies.ts';
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
      fc.property(policy, facts, fc.boolean(), (document, given, defaultDeny) => {
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

describe('decide() after a De Morgan rewrite', () => {
  // With nobody signed in, or without an e-mail, a matcher and its opposite are false alike, so the rewrite is another policy.
  const signedIn = fc.tuple(facts, personFacts).map(([given, person]) => ({ ...given, person: { ...person, email: 'a@b' } }));
  const opposites = fc
    .tuple(fc.constantFrom('http_method', 'http_path', 'email'), fc.constantFrom('GET', '/a', 'a@b'))
    .map(([name, value]) => [{ [name]: { is: value } }, { [name]: { not: value } }] as const);
  const list = fc.array(opposites, { minLength: 1, maxLength: 4 });

  it('decides alike for "none of" and "all of the opposites"', () => {
    fc.assert(
      fc.property(list, signedIn, (pairs, given) => {
        const not = pairs.map(([criterion]) => criterion);
        const and = pairs.map(([, opposite]) => opposite);
        assert.equal(kindOf({ allow: { not } }, given), kindOf({ allow: { and } }, given));
      }),
    );
  });

  it('decides alike for "one of" and "not all of the opposites"', () => {
    fc.assert(
      fc.property(list, signedIn, (pairs, given) => {
        const or = pairs.map(([criterion]) => criterion);
        const nor = pairs.map(([, opposite]) => opposite);
        assert.equal(kindOf({ allow: { or } }, given), kindOf({ allow: { nor } }, given));
        assert.equal(
          kindOf({ allow: { or: [{ accept: 1 }] }, deny: { or } }, given),
          kindOf({ allow: { or: [{ accept: 1 }] }, deny: { nor } }, given),
        );
      }),
    );
  });

  it('decides alike when the criteria of an operator change places', () => {
    fc.assert(
      fc.property(
        fc.array(requestCriterion, { maxLength: 4 }),
        fc.constantFrom('and', 'or', 'not', 'nor'),
        facts,
        (criteria, operator, given) => {
          assert.equal(kindOf({ allow: { [operator]: criteria } }, given), kindOf({ allow: { [operator]: criteria.toReversed() } }, given));
        },
      ),
    );
  });
});

// oxlint-disable-next-line max-params -- one row of the table above
function trace(action: string, operator: string, criterion: string, data: unknown, path: unknown, result: boolean, reason: string): object {
  return { action, operator, criterion, data, path, result, reasons: [reason] };
}

describe('traceDecision()', () => {
  it('tells every criterion by itself, with its data, place and value before any negation', () => {
    const traced = compiled([{ allow: { not: [{ email: 'bob@other.example' }] } }, { deny: { or: [{ http_path: '/' }] } }], {
      access: { allowedDomains: ['corp.example'] },
      defaultDeny: true,
    });
    const place = ['routes', 0, 'policy'];
    assert.deepEqual(traceDecision(traced, { ...exampleFacts, person: people.alice }), [
      trace('allow', 'or', 'domain', { is: 'corp.example' }, undefined, true, 'domain-ok'),
      trace('allow', 'not', 'email', 'bob@other.example', [...place, 0, 'allow', 'not', 0, 'email'], false, 'email-unauthorized'),
      trace('deny', 'or', 'http_path', '/', [...place, 1, 'deny', 'or', 0, 'http_path'], true, 'http-path-ok'),
      trace('deny', 'or', 'invalid_client_certificate', true, undefined, false, 'valid-client-certificate'),
    ]);
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
