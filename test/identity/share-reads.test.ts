import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareReads } from '../../src/identity/share-reads.ts';

interface Carrier {
  readonly shared: typeof fetch;
  readonly asked: string[];
  /** Answers whatever is waiting. */
  readonly answer: (body: string | Error) => void;
}

function open(): Carrier {
  const asked: string[] = [];
  let waiting = Promise.withResolvers<string>();
  const carry: typeof fetch = async (input) => {
    asked.push(input instanceof Request ? input.url : new URL(input).href);
    return new Response(await waiting.promise);
  };
  return {
    shared: shareReads(carry),
    asked,
    answer(body) {
      if (body instanceof Error) waiting.reject(body);
      else waiting.resolve(body);
      waiting = Promise.withResolvers();
    },
  };
}

const keys = 'https://idp.example.com/jwks';

describe('shareReads()', () => {
  it('asks once for all who read one address at the same time, and each gets the whole answer', async () => {
    const { shared, asked, answer } = open();
    const readers = [1, 2, 3].map(async () => (await shared(keys)).text());
    answer('keys');
    assert.deepEqual([await Promise.all(readers), asked], [['keys', 'keys', 'keys'], [keys]]);
    const later = shared(keys);
    answer('newer');
    assert.deepEqual([await (await later).text(), asked.length], ['newer', 2]);
  });

  it('fails for all of them alike, and asks again afterwards', async () => {
    const { shared, asked, answer } = open();
    const readers = [1, 2].map(async () => shared(keys));
    answer(new TypeError('fetch failed'));
    await Promise.all(readers.map(async (reader) => assert.rejects(reader, TypeError)));
    const later = shared(keys);
    answer('keys');
    assert.deepEqual([await (await later).text(), asked.length], ['keys', 2]);
  });

  it("shares nothing of what one person sends, a body or somebody's token", async () => {
    const { shared, asked, answer } = open();
    const each = [
      { method: 'POST', body: 'a' },
      { method: 'POST', body: 'b' },
      { headers: { authorization: 'Bearer a' } },
      { headers: { authorization: 'Bearer b' } },
    ];
    const all = each.map(async (init) => shared(keys, init));
    answer('mine');
    await Promise.all(all);
    assert.equal(asked.length, 4);
  });
});
