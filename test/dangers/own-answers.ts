import assert from 'node:assert/strict';
import type { House } from '../walk/house.ts';
import { connectRaw, requestText } from './raw-client.ts';

/** Others ask `/own/…` of `public` at the same time and right after, over connections to the upstream that may have been used before: each gets `own`. */
export async function assertOwnAnswers(house: House): Promise<void> {
  const bodies = await Promise.all(
    [1, 2, 3].map(async (number) => {
      using connection = await connectRaw(house);
      connection.write(requestText([`GET /own/${number} HTTP/1.1`, 'Host: public.postern.test']));
      return (await connection.answer())?.body;
    }),
  );
  assert.deepEqual(bodies, ['own', 'own', 'own']);
}
