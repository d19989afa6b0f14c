import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseClockTime } from '../../src/policy/clock-time.ts';
import { certificateKeys } from '../../src/policy/criteria/client-certificate.ts';
import type { CriterionKind } from '../../src/policy/criteria/criterion-kind.ts';
import { criterionKinds, laterCriteria } from '../../src/policy/criteria/criterion-kinds.ts';
import { dateCriterion } from '../../src/policy/criteria/date.ts';
import { dayOfWeekCriterion } from '../../src/policy/criteria/day-of-week.ts';
import { timeOfDayCriterion } from '../../src/policy/criteria/time-of-day.ts';
import { traceDecision } from '../../src/policy/decide.ts';
import { parseIsoDate } from '../../src/policy/iso-date.ts';
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

  it('explains the data of every criterion about time, with examples that hold what they say', () => {
    assert.deepEqual(
      namesUnder('Dates, days and times'),
      [dateCriterion, dayOfWeekCriterion, timeOfDayCriterion].map(({ name }) => name),
    );
    const [, section = ''] = docs.split('## Dates, days and times');
    const [own = ''] = section.split('\n## ');
    const written = (text: RegExp): readonly string[] => [...own.matchAll(text)].map(([, example]) => example ?? '');
    for (const time of written(/`(\d{1,2}(?::[\d:.]+)? ?(?:[AP]M)?)`/g)) assert.notEqual(parseClockTime(time), undefined, time);
    for (const date of written(/`(\d{4}-[^`]+)`/g)) assert.notEqual(parseIsoDate(date), undefined, date);
  });

  it('shows policies that can be read', () => {
    const examples = [...docs.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => z.looseObject({}).parse(parse(text ?? '')));
    assert.equal(examples.length, 3);
    for (const example of examples) {
      const named = z.array(z.object({ name: z.string() })).parse(example['client_certificate_authorities'] ?? []);
      const written = example['policy'] ?? z.array(z.looseObject({})).parse(example['routes'])[0]?.['policy'];
      assert.ok(compiled(written, { authorities: new Map(named.map(({ name }) => [name, []])) }));
    }
  });

  it('says what every shorthand key grants', () => {
    const rows = [...docs.matchAll(/^\| `([a-z_]+)` \| `([a-z_]+)[^|]*\|$/gm)].map(([, key, name]) => [key, name]);
    const { tree } = compiled(undefined, {
      access: {
        publicAccess: true,
        corsPreflight: true,
        anyAuthenticatedUser: true,
        allowedDomains: ['x'],
        allowedClaims: [['x', ['y']]],
        allowedUsers: ['x'],
      },
    });
    const made = tree.flatMap(({ criteria }) => criteria.map(({ path, name }) => [path?.[2], name.split('/', 1)[0]]));
    assert.deepEqual(
      rows,
      made.filter(([, name]) => name !== 'email'),
    );
  });

  it('lists every reason that a criterion can give', () => {
    fc.assert(
      fc.property(policy, facts, (document, given) => {
        for (const { criterion, result, reasons } of traceDecision(compiled(document, { defaultDeny: 'required' }), given)) {
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
