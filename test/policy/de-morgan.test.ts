import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decide } from '../../src/policy/decide.ts';
import type { Decision, Side } from '../../src/policy/decision.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { criterion, facts, personFacts, requestCriterion } from './arbitrary-policies.ts';
import { compiled, examplePurpose } from './example-facts.ts';

function kindOf(document: unknown, given: Facts): Decision['kind'] {
  return decide(compiled(document), given, examplePurpose).kind;
}

function sideOf(operator: string, list: readonly object[], given: Facts): Side {
  return decide(compiled({ allow: { [operator]: list } }), given, examplePurpose).allow;
}

describe('decide() after a De Morgan rewrite', () => {
  // An empty list contributes nothing, under a negation as well, so that it has no opposite.
  const criteria = fc.array(criterion, { minLength: 1, maxLength: 4 });

  it('gives "none of" the reasons of "one of", and "not all of" those of "all of", with the opposite result', () => {
    fc.assert(
      fc.property(criteria, facts, fc.constantFrom(['or', 'not'] as const, ['and', 'nor'] as const), (list, given, [plain, negation]) => {
        const { result, reasons } = sideOf(plain, list, given);
        assert.deepEqual(sideOf(negation, list, given), { result: !result, reasons });
      }),
      { numRuns: 500 },
    );
  });

  // The reasons of a denial are the same; those of an allowance are `accept` on one side and those of the criteria on the other.
  // Certificate reasons are left out: on the deny side they refuse whatever their boolean, on the allow side they don't.
  const withoutVerdict = criteria.filter((list) => list.every((each) => !Object.hasOwn(each, 'invalid_client_certificate')));

  it('decides alike for an allowance of "none of" and a denial of "one of"', () => {
    fc.assert(
      fc.property(
        withoutVerdict,
        facts,
        fc.constantFrom(['or', 'not'] as const, ['and', 'nor'] as const),
        (list, given, [plain, negation]) => {
          const denial = { allow: { and: [{ accept: 1 }] }, deny: { [plain]: list } };
          const [denied, allowed] = [denial, { allow: { [negation]: list } }].map((each) => decide(compiled(each), given, examplePurpose));
          assert.equal(allowed?.kind, denied?.kind);
          if (denied?.kind === 'deny') assert.deepEqual(allowed?.reasons, denied.reasons);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('decides alike, with the same reasons, for "one of" and a rule for each', () => {
    fc.assert(
      fc.property(criteria, facts, fc.constantFrom('allow', 'deny'), (list, given, action) => {
        const one = [{ allow: { or: [{ accept: 1 }] } }, { [action]: { or: list } }];
        const each = [{ allow: { or: [{ accept: 1 }] } }, ...list.map((only) => ({ [action]: { and: [only] } }))];
        const [first, second] = [one, each].map((document) => {
          const { kind, reasons, allow, deny } = decide(compiled(document), given, examplePurpose);
          return { kind, reasons, allow, deny };
        });
        assert.deepEqual(second, first);
      }),
      { numRuns: 300 },
    );
  });

  // With nobody signed in, or without an e-mail, a matcher and its opposite are false alike, so the rewrite is another policy.
  const signedIn = fc.tuple(facts, personFacts).map(([given, person]) => ({ ...given, person: { ...person, email: 'a@b' } }));
  const opposites = fc
    .tuple(fc.constantFrom('http_method', 'http_path', 'email'), fc.constantFrom('GET', '/a', 'a@b'))
    .map(([name, value]) => [{ [name]: { is: value } }, { [name]: { not: value } }] as const);
  const pairsOfOpposites = fc.array(opposites, { minLength: 1, maxLength: 4 });

  it('decides alike for "none of" and "all of the opposites"', () => {
    fc.assert(
      fc.property(pairsOfOpposites, signedIn, (pairs, given) => {
        const not = pairs.map(([one]) => one);
        const and = pairs.map(([, opposite]) => opposite);
        assert.equal(kindOf({ allow: { not } }, given), kindOf({ allow: { and } }, given));
      }),
    );
  });

  it('decides alike for "one of" and "not all of the opposites"', () => {
    fc.assert(
      fc.property(pairsOfOpposites, signedIn, (pairs, given) => {
        const or = pairs.map(([one]) => one);
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
        (list, operator, given) => {
          assert.equal(kindOf({ allow: { [operator]: list } }, given), kindOf({ allow: { [operator]: list.toReversed() } }, given));
        },
      ),
    );
  });
});
