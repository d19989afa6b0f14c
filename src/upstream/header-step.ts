import type { Inbound } from '../http/inbound.ts';
import type { HeaderPlan } from './header-plan.ts';
import type { Vouched } from './vouched.ts';

export interface RequestHeadersInput {
  readonly inbound: Inbound;
  readonly plan: HeaderPlan;
  /** The host to send where the plan has no other. */
  readonly endpoint: { readonly host: string };
  readonly vouched: Vouched;
  /** Whether a WebSocket is asked for: then `Connection` and `Upgrade` are part of the list. */
  readonly forUpgrade: boolean;
}

/** A field name in the forms it is judged by. */
export interface FieldName {
  readonly lower: string;
  /**
   * Lower case with every character but letters and digits as `-`. Gateways turn names into variables and merge spellings
   * while doing so (`X_Remote_User`, `x.remote.user`): what may look like a name of ours to one of them counts as it.
   */
  readonly plain: string;
}

/** One rule about request headers. Steps run in the order of `requestSteps`, which is a security rule itself. */
export interface HeaderStep {
  readonly name: string;
  /**
   * Whether a client's field is left out because of its name. Asked once per name and plan, then remembered: it may depend on
   * nothing else.
   */
  readonly drops?: (field: FieldName, plan: HeaderPlan) => boolean;
  /** In lower case: `apply` has something to do only where the client sent this name. Absent: always. */
  readonly wakes?: string;
  /** The fields as they leave this step; may change and return the list it got. */
  readonly apply?: (fields: string[], input: RequestHeadersInput) => string[];
}
