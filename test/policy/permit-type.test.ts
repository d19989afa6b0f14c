import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as decideFile from '../../src/policy/decide.ts';
import type { Permit } from '../../src/policy/decide.ts';
import type { CompiledPolicy } from '../../src/policy/compile-policy.ts';
import { compiled, exampleFacts, examplePurpose } from './example-facts.ts';

// The type check is the test: each line below must be an error, and `@ts-expect-error` fails it as soon as one is none.

// @ts-expect-error -- an object with the same getters is no permit
const literal: Permit = { ...examplePurpose };

class LookAlike {
  readonly #purpose = examplePurpose;
  readonly routeId = this.#purpose.routeId;
  readonly path = '/';
  readonly query = '';
  readonly validUntil = 0;
}

// @ts-expect-error -- neither is a class of the same shape with a private field of the same name
const instance: Permit = new LookAlike();

// @ts-expect-error -- the class is not exported
export type PermitClass = typeof decideFile.AccessPermit;

function changePath(permit: Permit): void {
  // @ts-expect-error -- what was permitted can't be changed afterwards
  permit.path = '/admin';
}

// @ts-expect-error -- a policy that allows everybody, made by hand, would be a way to a permit
const policy: CompiledPolicy = { tree: [], allow: () => ({ result: true, reasons: [] }), deny: () => ({ result: false, reasons: [] }) };

describe('Permit', () => {
  it('can be made by nothing this file exports but decide()', () => {
    assert.deepEqual(Object.keys(decideFile).toSorted(), ['decide', 'isPermit', 'traceDecision']);
    assert.deepEqual([literal, instance, policy].map(decideFile.isPermit), [false, false, false]);
  });

  it('can not be changed afterwards', () => {
    const decision = decideFile.decide(
      compiled({ allow: { and: [{ accept: 1 }] } }),
      { ...exampleFacts, sourceIp: '', at: 0, certificate: { kind: 'none' } },
      examplePurpose,
    );
    assert.ok(decision.kind === 'allow');
    const { permit } = decision;
    assert.throws(() => changePath(permit), TypeError);
  });
});
