import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { certificateKeys } from '../../src/policy/criteria/client-certificate.ts';
import type { CriterionKind } from '../../src/policy/criteria/criterion-kind.ts';
import { criterionKinds, laterCriteria } from '../../src/policy/criteria/criterion-kinds.ts';
import { traceDecision } from '../../src/policy/decide.ts';
import { listOperators } from '../../src/policy/list-matcher.ts';
import { stringOperators } from '../../src/policy/string-matcher.ts';
import { facts, policy } from './arbitrary-policies.ts';
import { compiled } from './example-facts.ts';

const docs = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');

/** The first column of every table row under a heading. */
function namesUnder(heading: string): readonly string[] {
  const [, section = ''] = docs.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
}

function row({ name, takesPath, operand, needsPerson, whenTrue, whenFalse }: CriterionKind): string {
  const reasons = [whenTrue, whenFalse].map((list) => list.map((reason) => `\`${reason}\``).join(', ') || 'never');
  return `| \`${name}${takesPath ? '/…' : ''}\` | ${operand} | ${needsPerson ? 'yes' : 'no'} | ${reasons.join(' | ')} |`;
}

describe('docs/policy.md', () => {
  it('holds one row for each criterion that is built, and no other', () => {
    const rows = [...criterionKinds.values()].map(row);
    for (const text of rows) assert.ok(docs.includes(`${text}\n`), `docs/policy.md lacks the row ${text}`);
    assert.deepEqual(namesUnder('Criteria').length, rows.length);
  });

  it('names every criterion that is not supported yet', () => {
    const [, section = ''] = docs.split('Not supported yet: ');
    const [sentence = ''] = section.split('\n\n');
    assert.deepEqual(
      [...sentence.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
      [...laterCriteria],
    );
  });

  it('explains every operator and every key of client_certificate', () => {
    assert.deepEqual(namesUnder('String matchers'), stringOperators);
    assert.deepEqual(namesUnder('List matchers'), listOperators);
    assert.deepEqual(namesUnder('client_certificate'), certificateKeys);
  });

  it('lists every reason that a criterion can give', () => {
    fc.assert(
      fc.property(policy, facts, (document, given) => {
        for (const { criterion, result, reasons } of traceDecision(compiled(document, { defaultDeny: true }), given)) {
          const kind = criterionKinds.get(criterion.split('/', 1)[0] ?? '');
          assert.ok(kind);
          const listed = new Set([
            ...(result ? kind.whenTrue : kind.whenFalse),
            ...(kind.needsPerson && !result ? ['user-unauthenticated'] : []),
          ]);
          assert.ok(reasons.length === 1 && reasons.every((reason) => listed.has(reason)), `${criterion}: ${reasons.join()}`);
        }
      }),
    );
  });
});
