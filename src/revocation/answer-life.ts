/** How long an answer counts that does not end sooner: whoever asked has to find it, however short the configured time is. */
export function answerLifeMs(cacheTtlMs: number): number {
  return Math.max(cacheTtlMs, 1_000);
}

/** How long a failure counts, so that a source that is dead costs a wait now and then and not at each request. */
export function failureLifeMs(cacheTtlMs: number): number {
  return Math.min(answerLifeMs(cacheTtlMs), 30_000);
}
