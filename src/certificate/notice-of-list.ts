import type { IssuedCrl } from './crl-bundle.ts';

const dayMs = 86_400_000;
const shortestNoticeMs = 3 * dayMs;

/**
 * How long before its end a revocation list is told of, in milliseconds: the last fifth of its life, and three days of one that lives for weeks. A list of
 * hours is replaced within hours, and near its end always. 0 for one that does not say when the next one is due, and so has no end.
 */
export function noticeOfList({ thisUpdate, nextUpdate }: Pick<IssuedCrl, 'thisUpdate' | 'nextUpdate'>): number {
  const lifeMs = nextUpdate - thisUpdate;
  if (lifeMs === Infinity) return 0;
  return lifeMs > 7 * dayMs ? Math.max(lifeMs / 5, shortestNoticeMs) : lifeMs / 5;
}
