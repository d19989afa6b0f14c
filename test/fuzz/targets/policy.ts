import assert from 'node:assert/strict';
import type { CompiledPolicy, PolicyCompilation } from '../../../src/policy/compile-policy.ts';
import { compilePolicy } from '../../../src/policy/compile-policy.ts';
import { decide, isPermit, traceDecision } from '../../../src/policy/decide.ts';
import type { Facts } from '../../../src/policy/facts.ts';
import { policyReach } from '../../../src/policy/policy-reach.ts';
import { exampleAuthorities, examplePurpose, noAccess } from '../../policy/example-facts.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Json } from '../mutate-json.ts';
import { mutateJson } from '../mutate-json.ts';
import type { PolicyQuestion } from '../policy-question.ts';
import { madeLeaf, madePolicyQuestion, readPolicyQuestion } from '../policy-question.ts';
import { decideSlowly } from '../policy-reference.ts';
import type { Random } from '../random.ts';

/** Policies: whatever is written and whoever asks, the compiled policy decides as a second evaluator does that was written from the docs. */
export const policy: FuzzTarget = {
  name: 'policy',
  briefly: 4_000,
  meets: ['allow', 'deny', 'sign-in', 'problems', 'no question'],
  open: () => Promise.resolve({ seeds: [], make, check, [Symbol.asyncDispose]: closesNothing }),
};

const words = wordsOf('"', '{', '}', '[', ']', ':', ',', '"allow"', '"and"', '"not"', 'null', '{"accept":1}', '"__proto__":');

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(20)) return mutateBytes(random, random.pick(known), { others: known, words });
  const base = random.oneIn(2) ? madePolicyQuestion(random) : (JSON.parse(JSON.stringify(questionIn(random.pick(known)) ?? {})) as Json);
  return Buffer.from(JSON.stringify(random.oneIn(3) ? base : mutateJson(random, base, madeLeaf)));
}

function questionIn(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    // A known input may be a mutant that is no JSON.
    return undefined;
  }
}

function check(input: Buffer): string {
  const question = readPolicyQuestion(input);
  if (question === undefined) return 'no question';
  const { policy: document, facts } = question;
  const compiled = compilePolicy({ ...noAccess, policy: document }, { defaultDeny: false, authorities: exampleAuthorities });
  if (!compiled.ok) return checkProblems(compiled, document);
  const decision = decide(compiled.policy, facts, examplePurpose);
  const expected = decideSlowly(document, facts);
  if (expected !== undefined) assert.equal(decision.kind, expected, 'another decision than that of the slow evaluator');
  assert.equal(decision.kind === 'allow', 'permit' in decision && isPermit(decision.permit), 'a permit without an allowance');
  checkTrace(compiled.policy, facts);
  checkReach(compiled.policy, facts, decision.kind);
  for (const defaultDeny of ['required', 'optional'] as const) checkDefaultDenial(question, defaultDeny, decision.kind);
  return decision.kind;
}

/** The default denial refuses what it is there for, and nothing else. */
function checkDefaultDenial({ policy: document, facts }: PolicyQuestion, defaultDeny: 'required' | 'optional', otherwise: string): void {
  const denying = compilePolicy({ ...noAccess, policy: document }, { defaultDeny, authorities: exampleAuthorities });
  assert.ok(denying.ok);
  const { kind } = facts.certificate;
  const isBad = kind === 'invalid' || (kind === 'none' && defaultDeny === 'required');
  const expected = isBad ? 'deny' : otherwise;
  assert.equal(decide(denying.policy, facts, examplePurpose).kind, expected, `the default denial (${defaultDeny}) decides wrongly`);
}

/** Each is about something that stands in the document. */
function checkProblems({ problems }: Extract<PolicyCompilation, { ok: false }>, document: Json): string {
  assert.ok(problems.length > 0, 'refused without a problem');
  for (const { path, message } of problems) {
    assert.notEqual(message, '');
    let at: unknown = document;
    for (const step of path.slice(noAccess.policyPath.length)) {
      assert.ok(
        typeof at === 'object' && at !== null && Object.hasOwn(at, step),
        `a problem of ${JSON.stringify(path)}, which is not there`,
      );
      at = (at as Record<string | number, unknown>)[step];
    }
  }
  return 'problems';
}

/** What `explain` tells of each criterion adds up to what was decided. */
function checkTrace(compiled: CompiledPolicy, facts: Facts): void {
  const sides = { allow: compiled.allow(facts), deny: compiled.deny(facts) };
  const traces = traceDecision(compiled, facts);
  for (const action of ['allow', 'deny'] as const) {
    const ofSide = traces.filter((trace) => trace.action === action);
    assert.equal(
      ofSide.some(({ combination }) => combination.result),
      sides[action].result,
      'the trace tells another result',
    );
    const decisive = new Set(ofSide.filter((trace) => trace.decisive).flatMap(({ reasons }) => reasons));
    assert.deepEqual([...decisive].toSorted(), [...sides[action].reasons].toSorted(), 'the trace tells other reasons');
  }
  for (const { found } of traces) assert.doesNotMatch(found ?? '', /[\p{Cc}\p{Cs}]/u, 'a control character on the terminal');
}

/** What `check` claims of a policy without facts is never wrong for some facts. */
function checkReach(compiled: CompiledPolicy, { person }: Facts, kind: string): void {
  const { allow, allowsWithoutPerson } = policyReach(compiled);
  if (allow !== 'some') assert.equal(kind === 'allow', allow === 'everybody', `the linter says that ${allow} gets in`);
  if (person === undefined && allowsWithoutPerson !== 'unknown')
    assert.equal(kind === 'allow', allowsWithoutPerson, `the linter says ${allowsWithoutPerson} of strangers`);
}
