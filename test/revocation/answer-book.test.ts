import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../src/revocation/answer-book.ts';
import { AnswerBook } from '../../src/revocation/answer-book.ts';

function openBook(fetch: (subject: string, held: number | undefined) => Promise<Finding<number>>): AnswerBook<string, number> {
  return new AnswerBook({ now: () => 0, fetch, sourceOf: (subject) => subject, failureMs: 100, mostWeight: 10, weigh: (value) => value });
}

const found = (value: number): Finding<number> => ({ kind: 'found', value, freshUntil: 10 });

describe('AnswerBook', () => {
  it('forgets what was not looked at for longest when it holds too much', async () => {
    const book = openBook(async (subject) => found(subject.length));
    for (const key of ['aaaa', 'bbb', 'cc']) await book.ask(key, key, 1000);
    assert.equal(book.look('aaaa', 0).kind, 'fresh');
    await book.ask('dddd', 'dddd', 1000);
    assert.deepEqual(
      ['aaaa', 'bbb', 'cc', 'dddd'].map((key) => book.look(key, 0).kind),
      ['fresh', 'unasked', 'fresh', 'fresh'],
    );
    const huge = 'x'.repeat(50);
    await book.ask(huge, huge, 1000);
    assert.deepEqual(
      ['aaaa', 'dddd', huge].map((key) => book.look(key, 0).kind),
      ['unasked', 'unasked', 'fresh'],
    );
  });

  it('hands the value before over to whoever fetches the next, and keeps what a failure brings', async () => {
    const held: (number | undefined)[] = [];
    const book = openBook(async (_, before) => {
      held.push(before);
      return before === undefined ? { kind: 'failed', explanation: 'old', value: 3 } : found(4);
    });
    await book.ask('a', 'there', 1000);
    assert.deepEqual(book.look('a', 100), {
      kind: 'failed',
      value: 3,
      status: { kind: 'unreachable', source: 'there', explanation: 'old' },
    });
    assert.deepEqual(book.look('a', 101), { kind: 'unasked' });
    book.look('a', 2000);
    book.renew(50);
    await book.ask('a', 'there', 1000);
    while (book.look('a', 5).kind !== 'fresh') await new Promise(setImmediate);
    assert.deepEqual([book.look('a', 5), held], [{ kind: 'fresh', value: 4 }, [undefined, 3]]);
  });

  it('turns a fault of its own into a failure', async () => {
    const book = openBook(() => Promise.reject(new TypeError('broken')));
    await book.ask('a', 'there', 1000);
    assert.deepEqual(book.look('a', 0), {
      kind: 'failed',
      value: undefined,
      status: { kind: 'unreachable', source: 'there', explanation: 'it could not be asked (broken)' },
    });
  });

  it('renews a few at once, and the others as soon as these are done', async () => {
    let now = 0;
    let begun = 0;
    let underWay = 0;
    let most = 0;
    const book = new AnswerBook<string, number>({
      now: () => now,
      fetch: async () => {
        begun += 1;
        most = Math.max(most, (underWay += 1));
        await new Promise(setImmediate);
        underWay -= 1;
        return found(1);
      },
      sourceOf: String,
      failureMs: 100,
      mostWeight: 1000,
    });
    for (let key = 0; key < 30; key += 1) await book.ask(String(key), '', 1000);
    for (let key = 0; key < 30; key += 1) book.look(String(key), 2000);
    begun = most = 0;
    now = 8;
    book.renew(now);
    assert.equal(begun, 8);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    assert.deepEqual([begun, most], [30, 8]);
  });

  it('asks again after the clock was set back: nothing counts for longer than it was meant to', async () => {
    const hour = 3_600_000;
    let now = 24 * hour;
    let answer: Finding<number> = { kind: 'found', value: 1, freshUntil: now + hour };
    const book = new AnswerBook<string, number>({
      now: () => now,
      fetch: async () => answer,
      sourceOf: String,
      failureMs: 100,
      mostWeight: 10,
    });
    await book.ask('a', 'there', 1000);
    assert.equal(book.look('a', now - 200_000).kind, 'fresh');
    now -= 12 * hour;
    assert.equal(book.look('a', now).kind, 'unasked');
    answer = { kind: 'failed', explanation: 'silent' };
    book.renew(now);
    await new Promise(setImmediate);
    assert.equal(book.look('a', now).kind, 'failed');
  });
});
