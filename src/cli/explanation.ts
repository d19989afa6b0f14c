import type { DecisionName } from '../trace.ts';
import type { Side } from '../policy/decision.ts';

/** The answer of `explain`, exactly as `--json` prints it. */
export interface Explanation {
  readonly route: { readonly index: number; readonly from: string; readonly name: string | null } | null;
  readonly endpoint: string | null;
  readonly decision: DecisionName;
  readonly status: number;
  readonly reasons: readonly string[];
  readonly allow: Side | null;
  readonly deny: Side | null;
  readonly certificate: CertificateExplanation;
  readonly upstream: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  readonly reply: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } | null;
  readonly handshake: 'accepted' | 'refused';
  readonly trace: readonly TraceLine[];
}

export interface CertificateExplanation {
  readonly presented: boolean;
  readonly required: boolean;
  readonly valid: boolean | null;
  readonly reason: 'client-certificate-required' | 'invalid-client-certificate' | null;
  readonly detail: string | null;
}

/** One thing the walk looked at, in its order. `outcome` is a word, `detail` whatever belongs to it. */
export interface TraceLine {
  readonly step: 'handshake' | 'route' | 'certificate' | 'identity' | 'person' | 'allow' | 'deny' | 'decision';
  readonly subject: string;
  readonly outcome: string;
  readonly detail: string | null;
  /** Of a criterion: the operator whose list it stands in; `not` and `nor` negate `outcome`, which is told as it was before. */
  readonly operator?: string;
  /** Of a criterion: the value that it looked at; null when there was none. */
  readonly found?: string | null;
  /** Of a criterion: whether its side came out as it did because of it. */
  readonly decisive?: boolean;
}
