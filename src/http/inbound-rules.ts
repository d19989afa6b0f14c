/** How requests are read where their readers disagree; the same for every route, because routes are found by what was read. */
export interface InboundRules {
  /** `//` in a path becomes `/`. */
  readonly mergeSlashes: boolean;
  /** What becomes of a path with `%2F` or `%5C`. */
  readonly escapedSlashes: EscapedSlashes;
  /** What becomes of a header with `_` in its name. */
  readonly underscores: HeaderUnderscores;
}

export type EscapedSlashes = 'reject_request' | 'keep_unchanged' | 'unescape_and_redirect' | 'unescape_and_forward';

export type HeaderUnderscores = 'allow' | 'reject_request' | 'drop_header';

/** What holds where the configuration says nothing. */
export const defaultInboundRules: InboundRules = Object.freeze({
  mergeSlashes: true,
  escapedSlashes: 'reject_request',
  underscores: 'reject_request',
});
