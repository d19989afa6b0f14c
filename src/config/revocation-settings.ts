/** `skip`: nothing is looked up. `ignore_ca_error`: answers count, silence does not. `strict`: only a verified good passes. */
export type RevocationMode = 'skip' | 'ignore_ca_error' | 'strict';

export type RevocationSource = 'crl_file' | 'crl_distribution_points' | 'ocsp';

/** How revocation is looked up; durations in milliseconds. */
export interface RevocationSettings {
  readonly mode: RevocationMode;
  /** Asked in this order; the first that knows the certificate decides. */
  readonly sources: readonly RevocationSource[];
  /** The leaf alone, or every certificate below the anchor. */
  readonly check: 'leaf' | 'chain';
  /** For how long after its `nextUpdate` a list still counts; 0: not at all. */
  readonly staleGraceMs: number;
  /** For one question, fetching included. */
  readonly timeoutMs: number;
  /** The longest that an answer counts before it is asked for again. */
  readonly cacheTtlMs: number;
  /** Host names in lower case, `*.x` among them, and IP literals; of OCSP responders and distribution points. */
  readonly allowedHosts: readonly string[];
}

/** Where the configuration says nothing: revocation lists in files count, and one that is overdue refuses. */
export const usualRevocation: RevocationSettings = {
  mode: 'ignore_ca_error',
  sources: ['crl_file'],
  check: 'leaf',
  staleGraceMs: 0,
  timeoutMs: 3_000,
  cacheTtlMs: 3_600_000,
  allowedHosts: [],
};
