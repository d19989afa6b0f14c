import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorsPage } from '../../scripts/errors-page.ts';
import { problemTexts } from '../../src/config/problem-codes.ts';

describe('docs/errors.md', () => {
  it('is what the table of codes says: node scripts/write-docs.ts writes it anew', () => {
    assert.equal(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8'), errorsPage());
  });

  it('says of every code why it matters and what to do, in one sentence each', () => {
    for (const [code, { why, cure }] of Object.entries(problemTexts))
      for (const sentence of [why, cure]) assert.match(sentence, /^[A-Z#].*[^.]\.$/, code);
  });
});
